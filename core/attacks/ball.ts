/**
 * The images that an attack may return: an L-infinity ball around the clean ones, within [0, 1].
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import * as tf from "../tf.ts";

/** The least and the greatest value of every pixel. */
export interface Ball extends tf.TensorContainerObject {
  /** `[B, H, W, C]` */
  readonly lower: Images;
  /** `[B, H, W, C]` */
  readonly upper: Images;
}

/**
 * Computes the ball around clean images, cut off at 0 and 1.
 *
 * @param clean `[B, H, W, C]` in `[0, 1]`
 * @param epsilon Its radius; Infinity for the whole box
 * @returns Its bounds
 *
 * @example Usage
 * ```ts
 * import { ballAround } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const { lower, upper } = ballAround(tf.tensor4d([0, 0.5, 1], [1, 1, 1, 3]), 0.25);
 * assert.deepEqual([...lower.dataSync()], [0, 0.25, 0.75]);
 * assert.deepEqual([...upper.dataSync()], [0.25, 0.75, 1]);
 * ```
 */
export function ballAround(clean: Images, epsilon: number): Ball {
  // A number that no pixel can leave the box by stands for Infinity, which not every backend takes.
  const radius = Math.min(epsilon, 2);
  return {
    lower: tf.clipByValue(tf.sub(clean, radius), 0, 1),
    upper: tf.clipByValue(tf.add(clean, radius), 0, 1),
  };
}

/**
 * Moves every pixel to the nearest value within a ball: projects, then clips to [0, 1].
 *
 * @param images `[B, H, W, C]`
 * @param ball Bounds of the same shape
 * @returns `[B, H, W, C]`; no gradient is meant to pass
 *
 * @example Usage
 * ```ts
 * import { ballAround, project } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const ball = ballAround(tf.tensor4d([0, 0.5, 1], [1, 1, 1, 3]), 0.25);
 * const images = project(tf.tensor4d([-1, 0.625, 2], [1, 1, 1, 3]), ball);
 * assert.deepEqual([...images.dataSync()], [0, 0.625, 1]);
 * ```
 */
export function project(images: Images, ball: Ball): Images {
  return tf.minimum(tf.maximum(images, ball.lower), ball.upper);
}

/**
 * Takes each example from one batch or from another.
 *
 * @param mask `[B]` bool
 * @param chosen `[B, H, W, C]`, finite, where the mask is true
 * @param otherwise `[B, H, W, C]`, finite, where it is false
 * @returns `[B, H, W, C]`, exact copies
 *
 * @example Usage
 * ```ts
 * import { selectExamples } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const [zeros, ones] = [tf.zeros([2, 1, 1, 1]), tf.ones([2, 1, 1, 1])] as tf.Tensor4D[];
 * const mixed = selectExamples(tf.tensor1d([true, false], "bool"), ones, zeros);
 * assert.deepEqual([...mixed.dataSync()], [1, 0]);
 * ```
 */
export function selectExamples(mask: tf.Tensor1D, chosen: Images, otherwise: Images): Images {
  const share = tf.reshape(tf.cast(mask, "float32"), [-1, 1, 1, 1]);
  return tf.add(tf.mul(share, chosen), tf.mul(tf.sub(1, share), otherwise));
}
