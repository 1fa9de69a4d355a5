/**
 * The inputs of every stage: task, data, target network.
 *
 * @module
 */
import {
  type AnyTarget,
  type AnyTask,
  assertTarget,
  assertTask,
  checkRun,
  countSteps,
  createRandom,
  type Dataset,
  loadWeights,
  measuredExamples,
  type Preset,
  type Published,
  type SystemSettings,
  withDetail,
} from "@realign/core";
import { readWhole, sha256 } from "../system/safe_file.ts";
import { basename } from "node:path";
import { type AnyDataset, openSplit } from "./open_split.ts";
import type { LoadedPlugin } from "../presets/load_plugin.ts";
import type { ResultCode } from "../runs/cache_key.ts";
import type { Output } from "../terminal/output.ts";
import { assertMemory } from "./memory.ts";
import { openPerceptual } from "./perceptual.ts";

/** SHA-256 of a target model's weights: the key of everything made for these weights. */
export async function digestOf({ parameters, normalization }: AnyTarget): Promise<string> {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  for (const [name, { shape, data }] of await parameters.export()) {
    parts.push(encoder.encode(`${name}[${shape}]`));
    parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  // Results depend on the normalisation as on the weights.
  if (normalization) parts.push(encoder.encode(JSON.stringify(normalization)));
  return sha256(...parts);
}

/** A split of a data set. */
export type Split = "train" | "test";

/** Fails if the two splits number their classes differently. */
function assertSameClasses(train: AnyDataset, test: AnyDataset): void {
  const most = Math.max(train.classNames.length, test.classNames.length);
  for (let index = 0; index < most; index++) {
    const [one, other] = [train, test].map(({ classNames }) => classNames[index] ?? "none");
    if (one === other) continue;
    throw new Error(
      `Cannot train as both splits of ${train.name} must have the same classes in the same order: class ${index} is ${one} in ${train.split} and ${other} in ${test.split}`,
    );
  }
}

/** The largest number of examples to evaluate on, 0 for all; of the training split, only those trained on. */
function mostExamples({ dataset, evaluation }: Preset, split: Split): number {
  const limits = [evaluation.examples, ...(split === "train" ? [dataset.trainExamples] : [])];
  const real = limits.filter((limit) => limit > 0);
  return real.length === 0 ? 0 : Math.min(...real);
}

/** Throws if a preset sets a normalisation and the plugin ignores it. */
function assertNormalized({ name, normalization }: AnyTarget, { target, task }: Preset): void {
  if (target.normalization === undefined || normalization !== undefined) return;
  throw new Error(
    `Cannot set target.normalization as the plugin of the task ${task} does not pass it to ${name}`,
  );
}

/** Loads weights from a file. */
async function loadFile(target: AnyTarget, path: string): Promise<void> {
  loadWeights(target, await readWhole(path, "the target's weights"), path);
}

/** Task, data and target network of a preset. Holds weights; dispose it. */
export class Workbench implements Disposable {
  readonly preset: Preset;
  readonly task: AnyTask;
  readonly train: AnyDataset | undefined;
  /** The images to evaluate on. */
  readonly images: AnyDataset;
  /** The examples that are measured: the images, or windows of them. */
  // deno-lint-ignore no-explicit-any -- each dataset has its own annotations; they are passed through
  readonly test: Dataset<any>;
  /** The split that they are from. */
  readonly split: Split;
  /** O; its weights are random until {@linkcode loadTarget} or a stage sets them. */
  readonly target: AnyTarget;
  /** Published figures for the preset; undefined if there are none. */
  readonly published: Published | undefined;
  /** Code of the task, part of all cache keys. */
  readonly code: ResultCode;

  #isLoaded = false;

  private constructor(
    parts: Pick<
      Workbench,
      | "preset"
      | "task"
      | "train"
      | "images"
      | "test"
      | "split"
      | "target"
      | "code"
      | "published"
    >,
  ) {
    this.preset = parts.preset;
    this.task = parts.task;
    this.train = parts.train;
    this.images = parts.images;
    this.test = parts.test;
    this.split = parts.split;
    this.target = parts.target;
    this.published = parts.published;
    this.code = parts.code;
  }

  /**
   * Opens what a preset names.
   *
   * @param preset The resolved preset
   * @param loaded The plugin of its task
   * @param options The dataset's folder; whether to open the training split; which split is
   * evaluated, "test" by default
   * @param output For notes about the data
   */
  static async open(
    preset: Preset,
    { plugin, digest }: LoadedPlugin,
    options: {
      readonly data: string | undefined;
      readonly training: boolean;
      readonly split?: Split;
    },
    output: Output,
  ): Promise<Workbench> {
    if (digest === undefined) {
      output.detail(
        `plugin ${plugin.name}: no images are cached between runs, because changes to its code cannot be detected; ` +
          "load it from a file or an exact version (jsr:@acme/x@1.2.3) to cache them",
      );
    }
    const { split = "test" } = options;
    const { name, trainExamples } = preset.dataset;
    const open = async (split: Split, examples: number) => {
      const dataset = await openSplit(preset, plugin, split, examples, options.data || undefined);
      for (const note of dataset.notes) output.detail(`${name} ${split}: ${note}`);
      return dataset;
    };
    const train = options.training ? await open("train", trainExamples) : undefined;
    const images = await open(split, mostExamples(preset, split));
    if (split === "train") {
      output.warn(
        "these results are on the training split, whose images the networks were trained on",
      );
    }
    if (train) assertSameClasses(train, images);
    const task: unknown = plugin.createTask(preset, images.classNames);
    assertTask(task, plugin.name);
    const test: Dataset<unknown> = measuredExamples(preset, task, images);
    assertMemory(preset, task, options.training);
    const random = createRandom(preset.seed, "target");
    const target: unknown = task.createTarget(preset.target.architecture, random);
    assertTarget(target, task.name);
    assertNormalized(target, preset);
    const code = { plugin: plugin.name, digest };
    const published = plugin.published?.(preset);
    const parts = { preset, task, train, images, test, split, target, code, published };
    const bench = new Workbench(parts);
    try {
      if (train) {
        await checkRun({ preset, task, target, dataset: train });
        // Report an unusable file before O is trained, not after.
        if (preset.perceptual.weights !== "") {
          (await openPerceptual(preset, output))[Symbol.dispose]();
        }
      }
      return bench;
    } catch (error) {
      bench[Symbol.dispose]();
      throw error;
    }
  }

  /** Digests of the data, by split. */
  get digests(): Record<string, string> {
    return {
      ...(this.train && { train: this.train.digest }),
      [this.split]: this.images.digest,
    };
  }

  /** The largest number of examples of a split to evaluate on; 0 for all. */
  examplesOf(split: Split): number {
    return mostExamples(this.preset, split);
  }

  /** The training split. Throws TypeError if it was not opened. */
  get training(): AnyDataset {
    if (!this.train) throw new TypeError("Cannot train as the training split was not opened");
    return this.train;
  }

  /**
   * Refuses batches larger than the training split, before anything is trained or written.
   *
   * @param last The last training that is meant
   * @param steps Steps of each training, where they are told
   * @throws {RangeError} If a batch of this or an earlier training is larger than the training split
   */
  checkBatches(
    last: "train" | "train-target",
    steps: Readonly<Record<string, number>>,
  ): void {
    const { target, train } = this.preset;
    const trainings = [
      ...(target.weights === ""
        ? [{ stage: "train-target", path: "target.train", ...target.train }]
        : []),
      ...(last === "train" ? [{ stage: last, path: "train", ...train }] : []),
    ];
    for (const { stage, path, batchSize, epochs } of trainings) {
      try {
        countSteps(this.training, batchSize, epochs, steps[stage]);
      } catch (error) {
        throw withDetail(error as Error, `; lower ${path}.batchSize`);
      }
    }
  }

  /** Loads O's weights from the file that the preset names, if it names one; once. */
  async loadTarget(output: Output): Promise<void> {
    const path = this.preset.target.weights;
    if (path === "" || this.#isLoaded) return;
    await loadFile(this.target, path);
    output.detail(`target: ${this.target.name} from ${basename(path)}`);
    this.#isLoaded = true;
  }

  /**
   * Opens another target model of the same task.
   *
   * @param settings Its architecture, O's by default, and the file of its weights
   * @returns It; dispose it
   */
  async openTarget(
    { architecture, weights }: NonNullable<SystemSettings["target"]>,
  ): Promise<AnyTarget> {
    const { target, seed } = this.preset;
    const random = createRandom(seed, "target");
    const other = this.task.createTarget(architecture ?? target.architecture, random);
    try {
      await loadFile(other, weights);
      return other;
    } catch (error) {
      other[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * What a target model and its task are made from besides code and weights: the same weights answer otherwise
   * at another size.
   *
   * @param architecture The model's; O's by default
   */
  modelFacts(architecture: string = this.preset.target.architecture): object {
    const { target, dataset } = this.preset;
    return { architecture, size: target.size, classNames: this.test.classNames, dataset };
  }

  /** SHA-256 of O's weights. */
  digestTarget(): Promise<string> {
    return digestOf(this.target);
  }

  [Symbol.dispose](): void {
    this.target[Symbol.dispose]();
  }
}
