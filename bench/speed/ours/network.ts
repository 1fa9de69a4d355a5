/**
 * A problem of a single network: a segmenter or a detector with its weights, pictures and labels, for
 * both sides in one safetensors file.
 *
 * @module
 */
import {
  createEvaluationBatches,
  createRandom,
  formatSafetensors,
  type HostTensor,
  type Images,
  parseSafetensors,
  type Plugin,
  type TargetModel,
  type TaskAdapter,
} from "@realign/core";
import * as tf from "@realign/core/tf";
import { openShapes } from "@realign/datasets";
import detection from "@realign/detection";
import segmentation from "@realign/segmentation";
import { drawRaw, type RawKind, rawKinds } from "./raw_detections.ts";

/** Which network, on what. */
export interface NetworkSettings {
  readonly task: "segmentation" | "detection";
  readonly architecture: string;
  /** That the network tells apart; pictures have fewer. */
  readonly classes: number;
  /** Rows and columns of the pictures. */
  readonly size: number;
  readonly batchSize: number;
}

/** What a network of either task gives, by name. */
export type Output = Readonly<Record<string, tf.Tensor>>;

/** A network with the file's weights, and its data. */
export interface NetworkProblem {
  readonly task: TaskAdapter<Output, tf.TensorContainer>;
  readonly target: TargetModel<Output>;
  readonly images: Images;
  readonly labels: tf.TensorContainer;
  /** Outputs that no network gave, to be turned into boxes; of detection alone. */
  readonly raw: Readonly<Partial<Record<RawKind, Output>>>;
}

const plugins: Readonly<Record<NetworkSettings["task"], Plugin>> = { segmentation, detection };

/** Most shapes of a picture. */
const OBJECTS = 3;
/** Passes in which batch norms take up what their inputs are like; without them signals would grow from layer to layer. */
const PASSES = 4;

async function createNetwork({ task: name, ...settings }: NetworkSettings) {
  const { architecture, classes, size, batchSize } = settings;
  const plugin = plugins[name];
  const [preset] = Object.values(plugin.presets);
  const target = { ...preset.target, architecture, size: [size, size] as const };
  const names = Array.from({ length: classes }, (_, index) => `class ${index}`);
  const task: NetworkProblem["task"] = plugin.createTask({ ...preset, target }, names);
  const scenes = openShapes("test", { size, count: batchSize, objects: OBJECTS });
  const { value: batch } = await createEvaluationBatches(scenes, task, { batchSize }).next();
  return {
    task,
    target: task.createTarget(architecture, createRandom(1, "target")),
    images: batch!.images,
    labels: batch!.labels,
  };
}

/**
 * Writes the file.
 *
 * @param path Where
 * @param settings Which network, on what
 */
export async function makeNetwork(path: string, settings: NetworkSettings): Promise<void> {
  const { target, images, labels } = await createNetwork(settings);
  const { variables, trainable } = target.parameters;
  const passes = variables.length > trainable.length ? PASSES : 0;
  for (let pass = 0; pass < passes; pass++) {
    tf.tidy(() => void target.forward(images, "training"));
  }
  const tensors = new Map<string, HostTensor>();
  for (const [name, tensor] of await target.parameters.export()) {
    tensors.set(`target.${name}`, tensor);
  }
  tensors.set("data.images", await toHost(images));
  const named = labels instanceof tf.Tensor ? { labels } : labels as Output;
  for (const [name, tensor] of Object.entries(named)) {
    tensors.set(`data.${name}`, await toHost(tensor));
  }
  if (settings.task === "detection") {
    const { logits } = tf.tidy(() => target.forward(images));
    for (const kind of rawKinds) {
      for (const [name, tensor] of Object.entries(drawRaw(kind, logits.shape))) {
        tensors.set(`raw.${kind}.${name}`, tensor);
      }
    }
  }
  await Deno.writeFile(path, formatSafetensors(tensors, {}));
}

/**
 * Reads the file.
 *
 * @param path Where
 * @param settings That it was made for
 * @returns The network and its data
 */
export async function openNetwork(
  path: string,
  settings: NetworkSettings,
): Promise<NetworkProblem> {
  const { tensors } = parseSafetensors(await Deno.readFile(path), path);
  const { task, target, images, labels } = await createNetwork(settings);
  const prefixed = (prefix: string) =>
    new Map(
      [...tensors].filter(([name]) => name.startsWith(prefix))
        .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
    );
  target.parameters.import(prefixed("target."), path);
  const raw: Partial<Record<RawKind, Output>> = {};
  if (settings.task === "detection") {
    const { priors } = tf.tidy(() => target.forward(images));
    for (const kind of rawKinds) {
      const own = [...prefixed(`raw.${kind}.`)];
      raw[kind] = {
        priors,
        ...Object.fromEntries(
          own.map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
        ),
      };
    }
  }
  return { task, target, images, labels, raw };
}

/** A tensor's numbers; whole ones become float32, which is all that the file holds. */
export async function toHost(tensor: tf.Tensor): Promise<HostTensor> {
  return { shape: [...tensor.shape], data: Float32Array.from(await tensor.data()) };
}
