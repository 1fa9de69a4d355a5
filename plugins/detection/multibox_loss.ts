/**
 * The loss that SSD is trained with: MultiBox (Liu et al. 2016, Eq. 1 to 3).
 *
 * @module
 */
import { stopGradient } from "@realign/core/losses";
import * as tf from "@realign/core/tf";
import { encodeBoxes } from "./boxes.ts";
import type { DetectionLabels } from "./labels.ts";
import { matchPriors } from "./matching.ts";
import type { DetectionOutput } from "./models/network.ts";

/** Hard negatives for each positive. */
const NEGATIVES = 3;

/** The two parts of the loss, of each example, as sums over its priors. */
export interface MultiBoxSums {
  /** `[B]`: cross-entropy of positives and hard negatives. */
  readonly classification: tf.Tensor1D;
  /** `[B]`: smooth L1 of the offsets of positives. */
  readonly localization: tf.Tensor1D;
  /** `[B]`: N, how many priors answer for a box. */
  readonly positives: tf.Tensor1D;
}

// One operation whose gradient is the difference cut off at 1 to either side.
const smooth = tf.customGrad((difference, save) => {
  const value = tf.abs(difference as tf.Tensor);
  (save as tf.GradSaveFunc)([difference as tf.Tensor]);
  const near = tf.minimum(value, 1);
  return {
    value: tf.mul(near, tf.sub(value, tf.mul(near, 0.5))),
    gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(dy, tf.clipByValue(saved, -1, 1)),
  };
});

/**
 * Smooth L1: d² / 2 where |d| < 1, else |d| - 1/2.
 *
 * @param difference Any shape
 * @returns The same shape
 */
export function smoothL1<T extends tf.Tensor>(difference: T): T {
  return smooth(difference) as T;
}

/**
 * Picks the priors without a box whose loss is greatest, at most three for each that has one.
 *
 * @param losses `[B, P]`, at least 0; a constant
 * @param positive `[B, P]`: 1 for a prior with a box
 * @returns `[B, P]` of 0 and 1; of equal losses the earlier prior's goes first
 */
export function hardNegatives(losses: tf.Tensor2D, positive: tf.Tensor2D): tf.Tensor2D {
  const count = losses.shape[1];
  const negative = tf.sub(1, positive);
  const wanted = tf.minimum(
    tf.mul(tf.sum(positive, 1, true), NEGATIVES),
    tf.sum(negative, 1, true),
  ); // [B, 1]
  // A prior's rank is where it stands in the order: the order of the order.
  const { indices } = tf.topk(tf.sub(tf.mul(losses, negative), positive), count);
  const rank = tf.topk(tf.neg(tf.cast(indices, "float32")), count).indices;
  return tf.cast(tf.less(tf.cast(rank, "float32"), wanted), "float32");
}

/**
 * Computes both parts of the MultiBox loss of each example.
 *
 * A picture without boxes has no positives, so no hard negatives, and both sums are 0. What is picked
 * by value (matches, hard negatives) is a constant for the gradient.
 *
 * @param output Of the target model
 * @param labels The boxes of the same examples
 * @returns Sums, and how many priors they are of
 */
export function multiBoxSums(
  { logits, offsets, priors }: Pick<DetectionOutput, "logits" | "offsets" | "priors">,
  labels: DetectionLabels,
): MultiBoxSums {
  const { positive, classes, boxes } = matchPriors(priors, labels);
  const truth = tf.cast(tf.oneHot(classes, logits.shape[2]), "float32");
  const losses = tf.neg(tf.sum(tf.mul(truth, tf.logSoftmax(logits)), 2)) as tf.Tensor2D; // [B, P]
  const counted = tf.add(positive, hardNegatives(stopGradient(losses), positive));
  const distances = tf.sum(smoothL1(tf.sub(offsets, encodeBoxes(boxes, priors))), 2);
  return {
    classification: tf.sum(tf.mul(losses, counted), 1),
    localization: tf.sum(tf.mul(distances, positive), 1),
    positives: tf.sum(positive, 1),
  };
}

/**
 * L_o = (Σ L_conf + Σ L_loc) / N over a batch, N being its positives, at least 1.
 *
 * @param output Of the target model
 * @param labels The boxes of the same examples
 * @returns A scalar; 0 if no picture has a box
 */
export function multiBoxLoss(
  output: Pick<DetectionOutput, "logits" | "offsets" | "priors">,
  labels: DetectionLabels,
): tf.Scalar {
  const { classification, localization, positives } = multiBoxSums(output, labels);
  const sum = tf.sum(tf.add(classification, localization));
  return tf.div(sum, tf.maximum(tf.sum(positives), 1));
}

/** Which part of the loss an attack ascends. */
export type MultiBoxPart = "cls" | "loc" | "cls+loc";

/**
 * The loss of each example on its own: L_conf / N, L_loc / N, or their sum (Zhang and Wang, 2019).
 *
 * @param part Which part
 * @param output Of the target model
 * @param labels The boxes of the same examples
 * @returns `[B]`; 0 for an image without boxes
 */
export function multiBoxObjective(
  part: MultiBoxPart,
  output: Pick<DetectionOutput, "logits" | "offsets" | "priors">,
  labels: DetectionLabels,
): tf.Tensor1D {
  const { classification, localization, positives } = multiBoxSums(output, labels);
  const sums = {
    cls: classification,
    loc: localization,
    "cls+loc": tf.add(classification, localization),
  };
  return tf.div(sums[part], tf.maximum(positives, 1));
}
