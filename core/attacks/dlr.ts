/**
 * The difference of logits ratio (DLR), Croce and Hein 2020: a margin that no scaling of the logits changes.
 *
 * @module
 */
import { stopGradient } from "../losses/distance.ts";
import * as tf from "../tf.ts";
import { MASK, oneHot } from "./one_hot.ts";

/** Keeps divisions by a difference of equal logits finite. */
const GUARD = 1e-12;

/** Fewest classes of {@linkcode dlr}. */
export const DLR_CLASSES = 3;

/** Fewest classes of {@linkcode targetedDlr}. */
export const TARGETED_DLR_CLASSES = 4;

/**
 * Computes the difference of logits ratio: -(z_y - max_{j != y} z_j) / (z_1st - z_3rd), where z_1st is
 * the greatest logit. Croce and Hein 2020, Eq. 6.
 *
 * @param logits `[B, K]`, K at least 3
 * @param labels `[B]` int32 in `[0, K)`
 * @returns `[B]`, positive where the example is misclassified
 * @throws {RangeError} If there are fewer than 3 classes
 *
 * @example Usage
 * ```ts
 * import { dlr } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const logits = tf.tensor2d([[4, 1, 0, -1]]);
 * assert.equal(dlr(logits, tf.tensor1d([0], "int32")).dataSync()[0], -0.75);
 * ```
 */
export function dlr(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  requireClasses("DLR", logits, DLR_CLASSES);
  const own = oneHot(labels, logits.shape[1]);
  // A class of the same logit as the own one, if there is any: the own one counts once.
  const rivals = tf.argMax(tf.sub(stopGradient(logits), tf.mul(own, MASK)), 1) as tf.Tensor1D;
  const rival = oneHot(rivals, logits.shape[1]);
  const [first, , third] = ranked(logits, 3);
  return ratio(logits, tf.sub(rival, own), tf.sub(first, third));
}

/**
 * Computes the targeted difference of logits ratio: -(z_y - z_t) / (z_1st - (z_3rd + z_4th) / 2).
 * Croce and Hein 2020, Eq. 7.
 *
 * @param logits `[B, K]`, K at least 4
 * @param labels `[B]` int32 in `[0, K)`: classes to leave
 * @param targets `[B]` int32 in `[0, K)`: classes to reach
 * @returns `[B]`, positive where the target's logit is above the label's
 * @throws {RangeError} If there are fewer than 4 classes
 *
 * @example Usage
 * ```ts
 * import { targetedDlr } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const logits = tf.tensor2d([[4, 1, 0, -1]]);
 * const [labels, targets] = [tf.tensor1d([0], "int32"), tf.tensor1d([3], "int32")];
 * assert.equal(targetedDlr(logits, labels, targets).dataSync()[0].toFixed(4), "-1.1111");
 * ```
 */
export function targetedDlr(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  targets: tf.Tensor1D,
): tf.Tensor1D {
  requireClasses("targeted DLR", logits, TARGETED_DLR_CLASSES);
  const [own, target] = [labels, targets].map((classes) => oneHot(classes, logits.shape[1]));
  const [first, , third, fourth] = ranked(logits, 4);
  const scale = tf.sub(first, tf.mul(0.5, tf.add(third, fourth)));
  return ratio(logits, tf.sub(target, own), scale);
}

/** One-hot classes of the greatest logits, the greatest first. Which classes they are has no gradient. */
function ranked(logits: tf.Tensor2D, count: number): tf.Tensor2D[] {
  const { indices } = tf.topk(stopGradient(logits), count);
  return (tf.unstack(indices, 1) as tf.Tensor1D[]).map((one) => oneHot(one, logits.shape[1]));
}

/** Quotient of two weighted sums of the logits. */
function ratio(logits: tf.Tensor2D, above: tf.Tensor, below: tf.Tensor): tf.Tensor1D {
  const sum = (weights: tf.Tensor) => tf.sum(tf.mul(logits, weights), 1);
  return tf.div(sum(above), tf.add(sum(below), GUARD));
}

function requireClasses(what: string, { shape: [, classes] }: tf.Tensor2D, least: number): void {
  if (classes >= least) return;
  throw new RangeError(
    `Cannot compute ${what} as logits must have at least ${least} classes: current value is ${classes}`,
  );
}
