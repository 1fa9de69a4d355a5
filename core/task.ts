/**
 * The interface of a task (classification, segmentation, detection, yours).
 *
 * @module
 */
import type {
  AnnotationKind,
  Augmentation,
  Box,
  Dataset,
  DatasetOpener,
  LabelMap,
} from "./dataset.ts";
import type { AttackTable } from "./attacks/attack.ts";
import type { Objective } from "./attacks/objective.ts";
import type { ImportedModel } from "./model_file.ts";
import type { Published, PublishedTable } from "./paper_results.ts";
import type { LossValues } from "./loss_values.ts";
import type { PairLoss } from "./losses/pair_loss.ts";
import type { AdversarialTraining, Preset } from "./preset.ts";
import type { Suites } from "./evaluate/suite_settings.ts";
import type { Random } from "./random.ts";
import type { TargetModel } from "./target_model.ts";
import type * as tf from "./tf.ts";

export type { TargetModel } from "./target_model.ts";

/** Features of a batch with their classes: all the core knows of a task's features. */
export interface LabelledFeatures {
  /**
   * `[N, D]`: a row is an image, a pixel or a box. All examples have the same number of rows, which
   * are contiguous and in the order of the examples.
   */
  readonly vectors: tf.Tensor2D;
  /** `[N]`, int32 in `[0, K)`; -1 marks an ignored row. */
  readonly classes: tf.Tensor1D;
}

/** Labels as pictures, for a discriminator that is conditioned on them. */
export interface LabelImages<L> {
  /** C. */
  readonly channels: number;
  /**
   * Draws a batch.
   *
   * @param labels Of B examples
   * @param size `[H, W]`
   * @returns `[B, H, W, C]`: 1 in the channel of a pixel's class, else 0
   */
  draw(labels: L, size: readonly [number, number]): tf.Tensor4D;
}

/** Curves of one metric, e.g. precision over recall. */
export interface Curves {
  /** Names of x and y. */
  readonly axes: readonly [string, string];
  /** A curve for each class, as `[x, y]`; null for a class absent from the data. */
  readonly lines: readonly (readonly (readonly [number, number])[] | null)[];
}

/** A metric of more classes leaves `confusion` out: every row of an evaluation would store its K² numbers. */
export const MOST_CONFUSED_CLASSES = 100;

/** Details of a metric: values, curves and confusions of classes, which reports draw, and anything else. */
export interface MetricDetails {
  /** A value in `[0, 1]` for each class; null for a class absent from the data. */
  readonly perClass?: readonly (number | null)[];
  /** A curve for each class. */
  readonly curves?: Curves;
  /** `[K][K]` counts of images, pixels, ..., true class by predicted class; up to {@linkcode MOST_CONFUSED_CLASSES}. */
  readonly confusion?: readonly (readonly number[])[];
  readonly [name: string]: unknown;
}

/** A metric over a set of examples. */
export interface MetricResult {
  /** E.g. "accuracy", "mIoU", "mAP". */
  readonly name: string;
  /** In `[0, 1]`. */
  readonly value: number;
  /** Number of examples. */
  readonly count: number;
  /** 95 % interval, if the metric is a proportion of independent examples. */
  readonly interval?: readonly [number, number];
  /** What else is known. */
  readonly details?: MetricDetails;
}

/** Accumulates a metric batch by batch. */
export interface Metric<O, L> {
  /** Adds a batch; rows from `count` on are padding. Disposes no tensors. */
  update(output: O, labels: L, count: number): Promise<void>;
  result(): MetricResult;
  /**
   * How many of the last examples wait for others, as windows of a picture that is not whole yet: the result leaves
   * them out. Absent where every example counts at once.
   */
  open?(): number;
  /**
   * Of a metric that is a mean of ratios, the mean over k of Σ n_k / Σ d_k where Σ d_k > 0, with sums over the
   * examples: `[n_1, d_1, n_2, d_2, ...]` of each example. Worst cases are chosen from them, example by example.
   * Absent for other metrics, and where there are too many of them to be stored.
   */
  ratios?(): readonly (readonly number[])[];
}

/** A box that O found. */
export interface FoundBox extends Pick<Box, "box" | "class"> {
  /** O's confidence, in `[0, 1]`; absent from ground-truth boxes. */
  readonly score?: number;
}

/** What a report draws on or next to an image, as plain data. */
export interface Overlay {
  /** A class for each pixel, of any size; it is stretched over the image. */
  readonly labelMap?: LabelMap;
  /** The boxes to show: confident enough, without duplicates. */
  readonly boxes?: readonly FoundBox[];
}

/** A task. `O`: what its target model returns; `L`: labels on the device; `A`: a dataset's annotation. */
export interface TaskAdapter<
  O extends tf.TensorContainer = tf.TensorContainer,
  L extends tf.TensorContainer = tf.TensorContainer,
  // deno-lint-ignore no-explicit-any -- who only passes annotations through takes a task of any of them
  A = any,
> {
  readonly name: string;
  readonly classCount: number;
  /** Builds an architecture by name, with weights drawn from `random`. Throws RangeError for an unknown name. */
  createTarget(architecture: string, random: Random): TargetModel<O>;
  /** Encodes annotations as label tensors. Throws an Error that names an invalid label. */
  encodeLabels(annotations: readonly A[]): L;
  /** Augmentations of training images by name, e.g. "flip", "flip-crop". */
  readonly augmentations: Readonly<Record<string, Augmentation<A>>>;
  /** The paper's features z: the input of O's last layer. */
  extractFeatures(output: O, labels: L): LabelledFeatures;
  /** Other features that losses can be computed from, by name: `losses.features`. */
  readonly features?: Readonly<Record<string, (output: O, labels: L) => LabelledFeatures>>;
  /**
   * The map `[B, h, w, D]` that the rows of `extractFeatures` are taken from, whole and whatever the labels; absent
   * where a row is an image.
   */
  featureMap?(output: O): tf.Tensor4D;
  /** Labels as pictures: `discriminator.condition`; absent if they cannot be drawn. */
  readonly labelImages?: LabelImages<L>;
  /** L_o, the loss that O is trained with. */
  taskLoss(output: O, labels: L): tf.Scalar;
  /** Losses of adversarial trainings besides "task" and "trades", by name: `target.train.adversarial.loss`. */
  readonly trainingLosses?: Readonly<Record<string, PairLoss<O, L>>>;
  /** Objectives per example for attacks to maximise. Every task has "cross-entropy" or an equivalent. */
  readonly objectives: Readonly<Record<string, Objective<O, L>>>;
  /** `[B, K]` decision scores per example, for attacks that cross decision boundaries; absent if a task has none. */
  logits?(output: O): tf.Tensor2D;
  /** `[B]` int32 class per example, to go with `logits`. */
  classOf?(labels: L): tf.Tensor1D;
  /** Attacks that the task adds to the core's table or replaces in it. */
  readonly attacks: AttackTable<O, L>;
  /** The metric of the examples that an evaluation measures; of whole images if they are windows. */
  createMetric(): Metric<O, L>;
  /**
   * The windows of a dataset's images, as the preset's `evaluation.window` says; the metric puts them together. Absent
   * if the preset or the task has none.
   */
  cutWindows?(dataset: Dataset<A>): Dataset<A>;
  /** One short text per example describing O's output (rows up to `count`), for reports. */
  describe(output: O, count: number): Promise<string[]>;
  /**
   * The truth in the words of `describe`: O is right about an image if its text equals or starts with
   * this. Absent if an image has no single right answer.
   */
  describeTruth?(annotation: A): string;
  /** O's output as a label map or boxes, one overlay per example (rows up to `count`); absent if the text suffices. */
  draw?(output: O, count: number): Promise<Overlay[]>;
  /** The truth in the format of `draw`. */
  drawTruth?(annotation: A): Overlay;
}

/** The default export of a package that provides a task. */
export interface Plugin {
  readonly name: string;
  readonly apiVersion: 1;
  /** The annotation that the task needs for an image. Default: "class" */
  readonly annotation?: AnnotationKind;
  readonly presets: Readonly<Record<string, Preset>>;
  /** Bundles of loss settings by name: `losses.values`. */
  readonly lossValues?: Readonly<Record<string, LossValues>>;
  /** Bundles of adversarial training of O by name, beside the core's: `target.train.adversarial`. */
  readonly adversarialTrainings?: Readonly<Record<string, AdversarialTraining>>;
  /**
   * The attacks of its tasks, the same objects as in their `attacks`, so that settings can
   * be checked and options listed before any data is opened.
   */
  // deno-lint-ignore no-explicit-any -- each task has its own outputs and labels; the core passes them through
  readonly attacks?: AttackTable<any, any>;
  /** Harder evaluations of its presets by name, e.g. "standard" and "strong": `evaluate --suite`. */
  readonly suites?: Suites;
  /** The plugin's datasets by name; they take precedence over built-in ones of the same name. */
  // deno-lint-ignore no-explicit-any -- each dataset has its own annotations; the core passes them through
  readonly datasets?: Readonly<Record<string, DatasetOpener<any>>>;
  /**
   * Published figures for a preset's systems and attacks, shown next to results; undefined if there are none.
   *
   * @param preset Of the evaluation
   * @param trainedBy The preset that G was trained by, if its target was another
   */
  published?(preset: Preset, trainedBy?: Preset): Published | undefined;
  /**
   * Published figures of other defenses in the place of G; undefined if there are none.
   *
   * @param preset Of the evaluation
   * @param view "own": attacks on O; "transfer": made on a substitute; "moved": in front of another O
   * @returns By the name that the paper prints, then attack
   */
  publishedRivals?(
    preset: Preset,
    view: "own" | "transfer" | "moved",
  ): PublishedTable | undefined;
  /** Whether `createTask` takes models that were read from files. @default {false} */
  readonly takesModels?: boolean;
  /**
   * Creates the task of a preset, for the classes of its dataset.
   *
   * @param preset Its O
   * @param classNames Of the dataset
   * @param model What was read of O's file, where the preset's architecture is one: then `createTarget` makes O of it,
   * as `target.adapter` says
   */
  createTask(
    preset: Preset,
    classNames: readonly string[],
    model?: ImportedModel,
    // deno-lint-ignore no-explicit-any -- each task has its own outputs and labels; the core passes them through
  ): TaskAdapter<any, any, any>;
}
