/**
 * What a task (classification, segmentation, detection, yours) tells the core.
 *
 * @module
 */
import type {
  AnnotationKind,
  Augmentation,
  Box,
  DatasetOpener,
  Images,
  LabelMap,
} from "./dataset.ts";
import type { Parameters } from "./weights/parameters.ts";
import type { AttackTable } from "./attacks/attack.ts";
import type { Objective } from "./attacks/objective.ts";
import type { Normalization } from "./images.ts";
import type { Published } from "./paper_results.ts";
import type { Preset } from "./preset.ts";
import type { Random } from "./random.ts";
import type * as tf from "./tf.ts";

/** Features of a batch with their classes: all that the core sees of a task's features. */
export interface LabelledFeatures {
  /**
   * `[N, D]`: a row is an image, a pixel or a box. Every example has as many rows as the others; they
   * follow one another, in the order of the examples.
   */
  readonly vectors: tf.Tensor2D;
  /** `[N]`, int32 in `[0, K)`; -1 marks a row that is ignored. */
  readonly classes: tf.Tensor1D;
}

/** The network O that is defended. Resizing to its input size and normalising happen inside. */
export interface TargetModel<O> extends Disposable {
  readonly name: string;
  /** What images are normalised by where a preset says so; absent where it is the architecture's own. */
  readonly normalization?: Normalization;
  /** All weights by the names that published checkpoints use. */
  readonly parameters: Parameters;
  /**
   * One pass that gives outputs and features; differentiable in `images`.
   *
   * @param images `[B, H, W, 3]` in `[0, 1]`
   * @param mode In "training" batch statistics are used, and moved. Default: "inference"
   */
  forward(images: Images, mode?: "inference" | "training"): O;
}

/** Curves of one metric, e.g. precision over recall. */
export interface Curves {
  /** What x and y are. */
  readonly axes: readonly [string, string];
  /** A curve for each class, as `[x, y]`; null for a class that was not met. */
  readonly lines: readonly (readonly (readonly [number, number])[] | null)[];
}

/** What a metric knows besides its value: two things that reports draw, and whatever else it has. */
export interface MetricDetails {
  /** A value in `[0, 1]` for each class; null for a class that was not met. */
  readonly perClass?: readonly (number | null)[];
  /** A curve for each class. */
  readonly curves?: Curves;
  readonly [name: string]: unknown;
}

/** A figure over a set of examples. */
export interface MetricResult {
  /** E.g. "accuracy", "mIoU", "mAP". */
  readonly name: string;
  /** In `[0, 1]`. */
  readonly value: number;
  /** Examples that it was computed on. */
  readonly count: number;
  /** 95 % interval, where the metric is a proportion of independent examples. */
  readonly interval?: readonly [number, number];
  /** What else is known. */
  readonly details?: MetricDetails;
}

/** Gathers a figure batch by batch. */
export interface Metric<O, L> {
  /** Takes a batch in; rows from `count` on are padding. Reads tensors, disposes none. */
  update(output: O, labels: L, count: number): Promise<void>;
  result(): MetricResult;
}

/** A box that O found. */
export interface FoundBox extends Pick<Box, "box" | "class"> {
  /** How sure O is, in `[0, 1]`; absent from boxes of the ground truth. */
  readonly score?: number;
}

/** What is shown on or beside a picture: plain data, drawn by whoever writes a report. */
export interface Overlay {
  /** A class for each pixel, of any size; it is stretched over the picture. */
  readonly labelMap?: LabelMap;
  /** The boxes worth showing: those that O is sure enough of, none twice. */
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
  /** Builds an architecture by name, its weights drawn from `random`. Throws RangeError for an unknown name. */
  createTarget(architecture: string, random: Random): TargetModel<O>;
  /** Turns what the dataset says into label tensors. Throws an Error that names an impossible label. */
  encodeLabels(annotations: readonly A[]): L;
  /** Random changes of training pictures by name, e.g. "flip", "flip-crop". */
  readonly augmentations: Readonly<Record<string, Augmentation<A>>>;
  extractFeatures(output: O, labels: L): LabelledFeatures;
  /** L_o, the loss that O was trained with. */
  taskLoss(output: O, labels: L): tf.Scalar;
  /** Per example, to ascend. Every task has "cross-entropy" or its like under its own name. */
  readonly objectives: Readonly<Record<string, Objective<O, L>>>;
  /** `[B, K]` decision scores an example, for attacks that cross decision boundaries; absent where a task has none. */
  logits?(output: O): tf.Tensor2D;
  /** `[B]` int32 class an example, to go with `logits`. */
  classOf?(labels: L): tf.Tensor1D;
  /** Attacks that the task adds to the core's table, or puts in the place of its own. */
  readonly attacks: AttackTable<O, L>;
  createMetric(): Metric<O, L>;
  /** One short text an example, of what O says (rows up to `count`), for pictures in a report. */
  describe(output: O, count: number): Promise<string[]>;
  /**
   * The truth in the words of `describe`: O is right about a picture if its text is this or goes on
   * after it. Absent where a picture has no one right answer.
   */
  describeTruth?(annotation: A): string;
  /** What O says as a label map or boxes, one overlay an example (rows up to `count`); absent where a text says all. */
  draw?(output: O, count: number): Promise<Overlay[]>;
  /** The truth in the manner of `draw`, to stand beside it. */
  drawTruth?(annotation: A): Overlay;
}

/** What a package that brings a task exports as its default. */
export interface Plugin {
  readonly name: string;
  readonly apiVersion: 1;
  /** What the task must be told of a picture. Default: "class" */
  readonly annotation?: AnnotationKind;
  readonly presets: Readonly<Record<string, Preset>>;
  /**
   * The attacks that its tasks bring along, the same objects as in their `attacks`: so that settings can
   * be checked, and options listed, before any data are opened.
   */
  // deno-lint-ignore no-explicit-any -- each task has its own outputs and labels; the core passes them through
  readonly attacks?: AttackTable<any, any>;
  /** Datasets that the plugin brings along, by name; they go before those of the same name. */
  // deno-lint-ignore no-explicit-any -- each dataset has its own annotations; the core passes them through
  readonly datasets?: Readonly<Record<string, DatasetOpener<any>>>;
  /** What was published for a preset's systems and attacks, to stand beside what is measured; undefined where nothing was. */
  published?(preset: Preset): Published | undefined;
  /** The task that a preset asks for, over the classes of its dataset. */
  // deno-lint-ignore no-explicit-any -- each task has its own outputs and labels; the core passes them through
  createTask(preset: Preset, classNames: readonly string[]): TaskAdapter<any, any, any>;
}
