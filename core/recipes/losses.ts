/**
 * Losses that rivals have and the paper's method has not.
 *
 * @module
 */
import { assertShapes } from "../shapes.ts";
import * as tf from "../tf.ts";

/** Keeps the gradient of a root finite where images are equal. */
const TINY = 1e-12;

/**
 * The root of the mean squared difference of two batches, as one number.
 *
 * @param first Any shape
 * @param second The same shape
 * @returns A scalar; of values that differ by c everywhere, c
 * @throws {TypeError} If the shapes differ
 *
 * @example Usage
 * ```ts
 * import { rootMeanSquare } from "@realign/core/recipes";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const distance = rootMeanSquare(tf.tensor1d([1, 2]), tf.tensor1d([4, 6])).dataSync()[0];
 * assert.ok(Math.abs(distance - Math.sqrt((9 + 16) / 2)) < 1e-6);
 * ```
 */
export function rootMeanSquare(first: tf.Tensor, second: tf.Tensor): tf.Scalar {
  assertShapes("compute a root mean square", { second }, { second: first.shape });
  return tf.sqrt(tf.add(tf.mean(tf.square(tf.sub(first, second))), TINY)) as tf.Scalar;
}

/**
 * The binary cross-entropy of scores with one truth for all: mean log(1 + exp(∓score)).
 *
 * @param scores Logits, any shape
 * @param truth Whether they should say yes
 * @returns A scalar; log 2 of logits 0
 *
 * @example Usage
 * ```ts
 * import { scoreLoss } from "@realign/core/recipes";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const loss = scoreLoss(tf.zeros([2, 1]), true).dataSync()[0];
 * assert.ok(Math.abs(loss - Math.log(2)) < 1e-6);
 * ```
 */
export function scoreLoss(scores: tf.Tensor, truth: boolean): tf.Scalar {
  return tf.mean(tf.softplus(truth ? tf.neg(scores) : scores)) as tf.Scalar;
}
