/**
 * The inputs of every stage: task, data, target network.
 *
 * @module
 */
import {
  type AnyTarget,
  type AnyTask,
  attacksSubstitutes,
  countSteps,
  createRandom,
  hasWeights,
  measuredExamples,
  type OtherTarget,
  type Preset,
  presetOn,
  type Published,
  type SubstituteSettings,
  type Suites,
  withDetail,
} from "@realign/core";
import { activeWorkers, ownRows } from "@realign/core/workers";
import { basename } from "node:path";
import { type AnyDataset, openSplit } from "./open_split.ts";
import { assertSameClasses, mostExamples, type Split, warnOfShared } from "./splits.ts";
import type { LoadedPlugin } from "../presets/load_plugin.ts";
import type { ResultCode } from "../runs/cache_key.ts";
import type { Output } from "../terminal/output.ts";
import { assertBatches, assertMemory } from "./memory.ts";
import { checkBench } from "./check_bench.ts";
import { createModel, digestOf, loadFile, tasksOf } from "./target_models.ts";
import { type Models, openModels } from "./model_files.ts";

/** Task, data and target network of a preset. Holds weights; dispose it. */
export class Workbench implements Disposable {
  readonly preset: Preset;
  readonly task: AnyTask;
  readonly train: AnyDataset | undefined;
  /** The images to evaluate on. */
  readonly images: AnyDataset;
  /** The examples that are measured: the images, or windows of them. */
  readonly test: AnyDataset;
  /** The split that they are from. */
  readonly split: Split;
  /** O; its weights are random until {@linkcode loadTarget} or a stage sets them. */
  readonly target: AnyTarget;
  /** Published figures for the preset; undefined if there are none. */
  readonly published: Published | undefined;
  /** Code of the task, part of all cache keys. */
  readonly code: ResultCode;
  /** The plugin's suites. */
  readonly suites: Suites;
  /** Opens the training split if {@linkcode train} is not open: for what a defense takes from its images. */
  readonly openTraining: () => Promise<AnyDataset>;

  /** Model files of target models. */
  readonly models: Models;
  /** Creates the task of a preset for the same data. */
  readonly createTask: (preset: Preset) => AnyTask;
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
      | "suites"
      | "openTraining"
      | "models"
      | "createTask"
    >,
  ) {
    this.models = parts.models;
    this.createTask = parts.createTask;
    this.preset = parts.preset;
    this.task = parts.task;
    this.train = parts.train;
    this.images = parts.images;
    this.test = parts.test;
    this.split = parts.split;
    this.target = parts.target;
    this.published = parts.published;
    this.suites = parts.suites;
    this.openTraining = parts.openTraining;
    this.code = parts.code;
  }

  /**
   * Opens what a preset names.
   *
   * @param wanted The resolved preset
   * @param loaded The plugin of its task
   * @param options The dataset's folder; whether to open the training split; which split is
   * evaluated, "test" by default; the preset that G was trained by, if its target was another; the folder of the run
   * whose preset it is
   * @param output For notes about the data
   */
  static async open(
    wanted: Preset,
    { plugin, digest }: LoadedPlugin,
    options: {
      readonly data: string | undefined;
      readonly training: boolean;
      readonly split?: Split;
      readonly trainedBy?: Preset;
      readonly run?: string;
    },
    output: Output,
  ): Promise<Workbench> {
    const { preset, models: own } = await openModels(wanted, plugin, options.run);
    const before = options.trainedBy && await openModels(options.trainedBy, plugin, options.run);
    const models = new Map([...own, ...before?.models ?? []]);
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
    if (train) warnOfShared(train, images, output.warn);
    const openTraining = async () =>
      train ?? warnOfShared(await open("train", trainExamples), images, output.warn);
    const createTask = tasksOf(plugin, images.classNames, models);
    const task = createTask(preset);
    const measured = measuredExamples(preset, task, images);
    const test = measured === images ? images : { ...images, ...measured };
    assertMemory(preset, createTask, options.training);
    assertBatches(preset, options.training, test.length);
    const target = createModel(preset, task, createRandom(preset.seed, "target"));
    const code = { plugin: plugin.name, digest };
    // The paper's G is trained against O alone, and its O on clean images.
    const { train: { adversary = "target" }, recipe } = options.trainedBy ?? preset;
    const isPapers = adversary === "target" && !recipe && !preset.target.train.adversarial;
    const published = isPapers ? plugin.published?.(preset, options.trainedBy) : undefined;
    const { suites = {} } = plugin;
    const data = { train, images, test, split, openTraining };
    const made = { task, target, models, createTask };
    const bench = new Workbench({ preset, ...data, ...made, code, published, suites });
    try {
      await checkBench(bench, output);
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
   * @throws {RangeError} If a batch of this or an earlier training, or of a substitute's, is larger than the
   * training split
   */
  checkBatches(
    last: "train" | "train-target",
    steps: Readonly<Record<string, number>>,
  ): void {
    const { target, train } = this.preset;
    const substitutes = this.trainedSubstitutes.map(([name, settings]) => ({
      stage: "train-target",
      path: `evaluation.substitutes.${name}.train`,
      ...presetOn(this.preset, settings).target.train,
    }));
    const trainings = [
      ...(hasWeights(target)
        ? []
        : [{ stage: "train-target", path: "target.train", ...target.train }]),
      ...(last === "train" ? [{ stage: last, path: "train", ...train }, ...substitutes] : []),
    ];
    for (const { stage, path, batchSize, epochs } of trainings) {
      try {
        ownRows(batchSize);
        countSteps(this.training, batchSize, epochs, steps[stage]);
      } catch (error) {
        const isLarge = batchSize > this.training.length;
        const isShared = batchSize % activeWorkers().count > 0;
        const advice = isShared ? "change" : isLarge ? "lower" : "raise";
        const setting = isShared || isLarge ? "batchSize" : "epochs";
        throw withDetail(error as Error, `; ${advice} ${path}.${setting}`);
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

  /** The attacked substitutes by name, as the preset has them; none if no threat model attacks any. */
  get substitutes(): readonly (readonly [string, SubstituteSettings])[] {
    const { evaluation } = this.preset;
    return attacksSubstitutes(evaluation) ? Object.entries(evaluation.substitutes ?? {}) : [];
  }

  /** Those of {@linkcode substitutes} that have no weights but are trained. */
  get trainedSubstitutes(): readonly (readonly [string, SubstituteSettings])[] {
    return this.substitutes.filter(([, own]) => !hasWeights(presetOn(this.preset, own).target));
  }

  /**
   * Creates another target model for the same data, with a task of its own: its size and normalisation.
   *
   * @param preset Whose `target` it is
   * @param stream Of its first weights
   * @returns Its task; it, with random weights: dispose it
   */
  createOther(
    preset: Preset,
    ...stream: readonly string[]
  ): { readonly task: AnyTask; readonly target: AnyTarget } {
    const task = this.createTask(preset);
    return { task, target: createModel(preset, task, createRandom(preset.seed, ...stream)) };
  }

  /**
   * Opens another target model for the same data.
   *
   * @param other What differs from O; the file of its weights
   * @returns It; dispose it
   */
  async openTarget(other: OtherTarget): Promise<AnyTarget> {
    const { target } = this.createOther(presetOn(this.preset, other), "target");
    try {
      if (other.weights !== "") await loadFile(target, other.weights);
      return target;
    } catch (error) {
      target[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * What a target model and its task are made from besides code and weights: the same weights answer otherwise
   * at another size.
   *
   * @param other What differs from O, if it is not O
   */
  modelFacts(other?: OtherTarget): object {
    const { target: { architecture, adapter, size }, dataset } = other
      ? presetOn(this.preset, other)
      : this.preset;
    return { architecture, adapter, size, classNames: this.test.classNames, dataset };
  }

  /** SHA-256 of O's weights. */
  digestTarget(): Promise<string> {
    return digestOf(this.target);
  }

  [Symbol.dispose](): void {
    this.target[Symbol.dispose]();
  }
}
