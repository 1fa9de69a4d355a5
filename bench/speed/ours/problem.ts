/**
 * A problem that both sides of a bench work on: the weights of all networks and the data, in one
 * safetensors file with PyTorch's names and layouts.
 *
 * @module
 */
import type { ClassifierOutput } from "@realign/classification";
import {
  type Annotations,
  createDiscriminator,
  createGenerator,
  createPerceptual,
  createRandom,
  createTargetMethod,
  createTrainingBatches,
  type Discriminator,
  formatSafetensors,
  type Generator,
  type HostTensor,
  type Images,
  type Parameters,
  parseSafetensors,
  type PerceptualNetwork,
  type Preset,
  type TargetModel,
  type TaskAdapter,
  Trainer,
} from "@realign/core";
import * as tf from "@realign/core/tf";
import { openDataset, subset } from "@realign/datasets";
import { pluginOf } from "../plugins.ts";
import { readLabels, storeLabels, WHOLE } from "./stored_labels.ts";

/** What a problem is made from. */
export interface ProblemRequest {
  readonly path: string;
  readonly preset: Preset;
  /** Pictures beyond the batch, for attacks and epochs. */
  readonly pool: number;
  /** Steps that O is trained for on drawn shapes; 0 leaves its weights random. */
  readonly targetSteps: number;
  /** Folder of the preset's own dataset: its test pictures, and O with the preset's weights. Default: drawn shapes */
  readonly data?: string;
}

/** Drawn shapes have eight classes. */
export const CLASSES = 8;

/** Shapes of a scene at most, where a task has more than a class for each. */
const OBJECTS = 3;

/** How many scenes O is trained on. */
const TRAINING = 2000;

/** Networks with the file's weights, and its data. Most benches are of classification. */
export interface Problem<
  O extends tf.TensorContainer = ClassifierOutput,
  L extends tf.TensorContainer = tf.Tensor1D,
> {
  readonly preset: Preset;
  readonly task: TaskAdapter<O, L>;
  readonly target: TargetModel<O>;
  readonly generator: Generator;
  readonly discriminator: Discriminator;
  readonly perceptual: PerceptualNetwork;
  readonly clean: Images;
  readonly adversarial: Images;
  readonly labels: L;
  readonly pool: Images;
  readonly poolLabels: L;
}

/** Makes networks of a preset, their weights drawn from its seed. */
export function createNetworks(preset: Preset, classes = CLASSES) {
  const { seed, target } = preset;
  const names = Array.from({ length: classes }, (_, index) => `class ${index}`);
  // Of classification to all benches but that of defenses, which takes the outputs of any task.
  const task: Problem["task"] = pluginOf(preset).createTask(preset, names);
  return {
    task,
    target: task.createTarget(target.architecture, createRandom(seed, "target")),
    generator: createGenerator(preset.generator, createRandom(seed, "generator")),
    discriminator: createDiscriminator(preset.discriminator, createRandom(seed, "discriminator")),
    perceptual: createPerceptual(preset.perceptual, createRandom(seed, "perceptual")),
  };
}

function networksOf(
  { target, generator, discriminator, perceptual }: ReturnType<typeof createNetworks>,
): Record<string, { parameters: Parameters }> {
  return { target, generator, discriminator, perceptual };
}

/** Writes the file; gives the number of classes. */
export async function makeProblem(request: ProblemRequest): Promise<number> {
  const { preset, pool, targetSteps, data } = request;
  const { size } = preset.dataset;
  const count = Math.max(preset.train.batchSize, pool);
  const scenes = data === undefined
    ? await openScenes(preset, "test", count)
    : await openDataset(preset.dataset.name, "test", { root: data, size, examples: count });
  const classes = scenes.classNames.length;
  const networks = createNetworks(preset, classes);
  if (preset.target.weights !== "") await loadTarget(networks, preset.target.weights);
  else if (targetSteps > 0) await trainTarget(networks, preset, targetSteps);
  const tensors = new Map<string, HostTensor>();
  for (const [prefix, { parameters }] of Object.entries(networksOf(networks))) {
    for (const [name, tensor] of await parameters.export()) {
      tensors.set(`${prefix}.${name}`, tensor);
    }
  }
  const pixels = new Float32Array(count * size[0] * size[1] * 3);
  const annotations: Annotations["class"][] = [];
  for (let index = 0; index < count; index++) {
    const { picture, annotation } = await scenes.read(index);
    pixels.set(
      Float32Array.from(picture.pixels, (value) => value / 255),
      index * picture.pixels.length,
    );
    annotations.push(annotation);
  }
  const image = pixels.length / count;
  const rows = (length: number): HostTensor => ({
    shape: [length, ...size, 3],
    data: pixels.slice(0, length * image),
  });
  const batch = preset.train.batchSize;
  const clean = rows(batch);
  const random = createRandom(preset.seed, "perturbation");
  const { epsilon } = preset.attack;
  const moved = clean.data.map((value) =>
    Math.min(1, Math.max(0, value + (random.next() < 0.5 ? -epsilon : epsilon)))
  );
  tensors.set("data.clean", clean);
  tensors.set("data.adversarial", { shape: clean.shape, data: moved });
  tensors.set("data.pool", rows(pool));
  const whole: string[] = [];
  for (const [name, length] of [["data.labels", batch], ["data.poolLabels", pool]] as const) {
    const labels = networks.task.encodeLabels(annotations.slice(0, length));
    const stored = storeLabels(name, labels);
    for (const [own, tensor] of stored.tensors) tensors.set(own, tensor);
    whole.push(...stored.whole);
    tf.dispose(labels);
  }
  await Deno.writeFile(request.path, formatSafetensors(tensors, { [WHOLE]: whole.join() }));
  return classes;
}

/** What drawn shapes are drawn by. */
type SceneSource = Pick<Preset, "task"> & { readonly dataset: Pick<Preset["dataset"], "size"> };

/** Drawn shapes with what the preset's task needs to know of them. */
async function openScenes(
  preset: SceneSource,
  split: "train" | "test",
  examples: number,
) {
  const { annotation = "class" } = pluginOf(preset);
  return await openDataset("shapes", split, {
    annotation: annotation as "class",
    size: preset.dataset.size,
    classes: CLASSES,
    examples,
    ...(annotation !== "class" && { own: { objects: OBJECTS } }),
  });
}

/**
 * Drawn shapes to train on.
 *
 * @param preset Its task, and `[height, width]` of its pictures
 */
export async function trainingScenes(preset: SceneSource) {
  return subset(await openScenes(preset, "train", TRAINING), TRAINING);
}

/** Weights from a file, by their own names. */
async function loadTarget(
  { target }: ReturnType<typeof createNetworks>,
  path: string,
): Promise<void> {
  target.parameters.import(parseSafetensors(await Deno.readFile(path), path).tensors, path);
}

/** A short training on drawn shapes: a network that reads them, for attacks to be compared on. */
async function trainTarget(
  { task, target }: ReturnType<typeof createNetworks>,
  preset: Preset,
  steps: number,
): Promise<void> {
  const { target: { train, size } } = preset;
  const scenes = await trainingScenes({ task: preset.task, dataset: { size } });
  const stepsPerEpoch = Math.floor(TRAINING / train.batchSize);
  const method = createTargetMethod({ task, target }, train);
  using trainer = new Trainer(method, { stepsPerEpoch, totalSteps: steps });
  const batches = createTrainingBatches(scenes, task, {
    batchSize: train.batchSize,
    seed: preset.seed,
    start: 0,
    end: steps,
    augmentation: task.augmentations[train.augmentation],
  });
  for await (const _ of trainer.run(batches));
}

/** Reads the file. */
export async function openProblem(
  path: string,
  preset: Preset,
  classes: number,
): Promise<Problem> {
  const { tensors, metadata } = parseSafetensors(await Deno.readFile(path), path);
  const networks = createNetworks(preset, classes);
  for (const [prefix, { parameters }] of Object.entries(networksOf(networks))) {
    const own = [...tensors].filter(([name]) => name.startsWith(`${prefix}.`))
      .map(([name, tensor]) => [name.slice(prefix.length + 1), tensor] as const);
    parameters.import(new Map(own), path);
  }
  const images = (name: string) => {
    const { shape, data } = tensors.get(`data.${name}`)!;
    return tf.tensor4d(data, shape as [number, number, number, number]);
  };
  const whole = metadata[WHOLE].split(",");
  const labels = (name: string) => readLabels(`data.${name}`, tensors, whole) as tf.Tensor1D;
  return {
    preset,
    ...networks,
    clean: images("clean"),
    adversarial: images("adversarial"),
    labels: labels("labels"),
    pool: images("pool"),
    poolLabels: labels("poolLabels"),
  };
}
