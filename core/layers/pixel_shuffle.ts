/**
 * Channels to pixels, for networks that enlarge images.
 *
 * @module
 */
import * as tf from "../tf.ts";

/**
 * Doubles rows and columns by laying out four channels as 2 x 2 pixels, in PyTorch's order: channel 4 c + 2 i + j
 * becomes channel c of row i and column j. Differentiable, as TensorFlow.js's `depthToSpace` is not.
 *
 * @param input `[B, H, W, 4 C]`
 * @returns `[B, 2 H, 2 W, C]`
 *
 * @example Usage
 * ```ts
 * import { pixelShuffle } from "@realign/core/layers";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const pixels = pixelShuffle(tf.tensor4d([0, 1, 2, 3], [1, 1, 1, 4]));
 * assert.deepEqual(tf.squeeze(pixels, [0, 3]).arraySync(), [[0, 1], [2, 3]]);
 * ```
 */
export function pixelShuffle(input: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, channels] = input.shape;
  const places = tf.reshape(input, [batch, height, width, channels / 4, 2, 2]);
  const rows = tf.transpose(places, [0, 1, 4, 2, 5, 3]);
  return tf.reshape(rows, [batch, 2 * height, 2 * width, channels / 4]);
}
