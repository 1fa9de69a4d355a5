/**
 * ‖a - b‖ in the losses, and stopping gradients.
 *
 * @module
 */
import { assertShapes } from "../shapes.ts";
import * as tf from "../tf.ts";

/**
 * The absolute value, with gradient 0 where it is 0 (TensorFlow.js's own has -1 there, which pulls
 * equal values apart).
 *
 * @param value Any shape
 * @returns The same shape
 *
 * @example Usage
 * ```ts
 * import { absolute } from "@realign/core/losses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const gradient = tf.grad((value) => tf.sum(absolute(value)))(tf.tensor1d([-2, 0, 3]));
 * assert.deepEqual([...gradient.dataSync()], [-1, 0, 1]);
 * ```
 */
export function absolute<T extends tf.Tensor>(value: T): T {
  return signedAbsolute(value) as T;
}

const signedAbsolute = tf.customGrad((value, save) => {
  (save as tf.GradSaveFunc)([value as tf.Tensor]);
  return {
    value: tf.abs(value as tf.Tensor),
    gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(dy, tf.sign(saved)),
  };
});

/**
 * The mean absolute difference of each row from its counterpart: ‖ẑ - z‖ of one image, pixel or box.
 *
 * @param first `[N, D]`
 * @param second `[N, D]`
 * @returns `[N]`; its gradient is 0 where the rows are equal
 */
export function rowDistances(first: tf.Tensor2D, second: tf.Tensor2D): tf.Tensor1D {
  return tf.mean(absolute(tf.sub(first, second)), 1);
}

/**
 * The mean absolute difference, used for every E(‖a - b‖) of the paper.
 *
 * @param first Any shape
 * @param second The same shape
 * @returns A scalar
 * @throws {TypeError} If the shapes differ
 *
 * @example Usage
 * ```ts
 * import { meanAbsoluteDifference } from "@realign/core/losses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const distance = meanAbsoluteDifference(tf.tensor1d([1, 2]), tf.tensor1d([2, 5]));
 * assert.equal(distance.dataSync()[0], 2);
 * ```
 */
export function meanAbsoluteDifference(first: tf.Tensor, second: tf.Tensor): tf.Scalar {
  assertShapes("compute a mean absolute difference", { second }, { second: first.shape });
  return differ(first, second) as tf.Scalar;
}

// One operation with its own gradient: fewer passes over large feature maps than mean, abs and sub make.
const differ = tf.customGrad((first, second, save) => {
  const difference = tf.sub(first as tf.Tensor, second as tf.Tensor);
  (save as tf.GradSaveFunc)([difference]);
  return {
    value: tf.mean(tf.abs(difference)),
    gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => {
      const gradient = tf.mul(tf.sign(saved), tf.div(dy, saved.size));
      return [gradient, tf.neg(gradient)];
    },
  };
});

/**
 * The mean squared difference.
 *
 * @param first Any shape
 * @param second The same shape
 * @returns A scalar
 * @throws {TypeError} If the shapes differ
 *
 * @example Usage
 * ```ts
 * import { meanSquaredDifference } from "@realign/core/losses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const distance = meanSquaredDifference(tf.tensor1d([1, 2]), tf.tensor1d([2, 5]));
 * assert.equal(distance.dataSync()[0], 5);
 * ```
 */
export function meanSquaredDifference(first: tf.Tensor, second: tf.Tensor): tf.Scalar {
  assertShapes("compute a mean squared difference", { second }, { second: first.shape });
  return tf.mean(tf.square(tf.sub(first, second))) as tf.Scalar;
}

/**
 * Stops the gradient: the same value as a constant.
 *
 * @param value Any shape
 * @returns The same values
 *
 * @example Usage
 * ```ts
 * import { stopGradient } from "@realign/core/losses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const gradient = tf.grad((x) => tf.sum(tf.mul(x, stopGradient(x))))(tf.tensor1d([2, 3]));
 * assert.deepEqual([...gradient.dataSync()], [2, 3]);
 * ```
 */
export function stopGradient<T extends tf.Tensor>(value: T): T {
  // An operation of no inputs: the gradient finds no way through it, and none is computed.
  const cut = tf.customGrad(() => ({ value: tf.clone(value), gradFunc: () => [] }));
  return cut() as T;
}
