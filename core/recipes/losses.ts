/**
 * Losses that rivals have and the paper's method has not.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import { assertShapes } from "../shapes.ts";
import * as tf from "../tf.ts";
import { meanOfWorkers } from "../workers/exchange.ts";
import type { Critic } from "./restorer.ts";

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
  const square = meanOfWorkers(tf.mean(tf.square(tf.sub(first, second))));
  return tf.sqrt(tf.add(square, TINY)) as tf.Scalar;
}

/**
 * The gradient penalty of WGAN-GP (Gulrajani et al. 2017): how far the length of a critic's gradient is from 1 between
 * images of two kinds; exact, a gradient through a gradient.
 *
 * @param score The critic, from images to `[B, 1]`
 * @param first `[B, H, W, C]`, in the range that the gradient is measured in
 * @param second The same shape
 * @param mixing `[B, 1, 1, 1]`, from 0, the first image, to 1, the second
 * @returns The batch's mean of (|∇score| - 1)^2, the length being that of the whole image's gradient
 *
 * @example Usage
 * ```ts
 * import { gradientPenalty } from "@realign/core/recipes";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * // The gradient is 3 in each of four pixels, so 6 long.
 * const score = (images: tf.Tensor4D) => tf.sum(tf.mul(images, 3), [1, 2]) as tf.Tensor2D;
 * const images = tf.ones<tf.Rank.R4>([2, 2, 2, 1]);
 * const penalty = gradientPenalty(score, images, images, tf.zeros([2, 1, 1, 1])).dataSync()[0];
 * assert.ok(Math.abs(penalty - 25) < 1e-4);
 * ```
 */
export function gradientPenalty(
  score: Critic["score"],
  first: Images,
  second: Images,
  mixing: tf.Tensor4D,
): tf.Scalar {
  assertShapes("compute a gradient penalty", { second }, { second: first.shape });
  const between = tf.add(first, tf.mul(mixing, tf.sub(second, first)));
  const slope = tf.grad((images) => tf.sum(score(images as Images)))(between);
  const length = tf.sqrt(tf.add(tf.sum(tf.square(slope), [1, 2, 3]), TINY));
  return tf.mean(tf.square(tf.sub(length, 1))) as tf.Scalar;
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

/**
 * The mean Euclidean distance of images from their counterparts.
 *
 * @param first `[B, ...]`
 * @param second The same shape
 * @returns A scalar; of `n` values an image that differ by c everywhere, c sqrt(n)
 * @throws {TypeError} If the shapes differ
 *
 * @example Usage
 * ```ts
 * import { euclideanDistance } from "@realign/core/recipes";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const distance = euclideanDistance(tf.tensor2d([[0, 0]]), tf.tensor2d([[3, 4]])).dataSync()[0];
 * assert.ok(Math.abs(distance - 5) < 1e-6);
 * ```
 */
export function euclideanDistance(first: tf.Tensor, second: tf.Tensor): tf.Scalar {
  assertShapes("compute a distance", { second }, { second: first.shape });
  const flat = tf.reshape(tf.sub(first, second), [first.shape[0], -1]);
  return tf.mean(tf.sqrt(tf.add(tf.sum(tf.square(flat), 1), TINY))) as tf.Scalar;
}

/**
 * The relativistic average loss (ESRGAN): scores of each kind are judged by how far they lie above the mean of the
 * other kind, by binary cross-entropy, halved.
 *
 * @param above Scores `[B, 1]` that should lie above
 * @param below Scores `[B, 1]` that should lie below
 * @returns A scalar; log 2 where all scores are the same
 *
 * @example Usage
 * ```ts
 * import { relativisticLoss } from "@realign/core/recipes";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const [high, low] = [3, -3].map((value) => tf.fill([2, 1], value));
 * assert.ok(relativisticLoss(high, low).dataSync()[0] < 0.003);
 * assert.ok(relativisticLoss(low, high).dataSync()[0] > 5.9);
 * ```
 */
export function relativisticLoss(above: tf.Tensor, below: tf.Tensor): tf.Scalar {
  const high = scoreLoss(tf.sub(above, meanOfWorkers(tf.mean(below))), true);
  const low = scoreLoss(tf.sub(below, meanOfWorkers(tf.mean(above))), false);
  return tf.mul(tf.add(high, low), 0.5) as tf.Scalar;
}
