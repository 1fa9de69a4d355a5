/**
 * Images on their way into a network: its size, its range.
 *
 * @module
 */
import type { Images } from "./dataset.ts";
import * as tf from "./tf.ts";

/** Subtracted from, then divided into, pixels in `[0, 1]`: one number a channel. */
export interface Normalization {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** The mean and deviation of ImageNet's colours, as torchvision's networks were trained with. */
export const IMAGENET: Normalization = {
  mean: [0.485, 0.456, 0.406],
  deviation: [0.229, 0.224, 0.225],
};

/**
 * Brings images to a size, bilinearly with half-pixel centres (PyTorch's `align_corners=False`);
 * differentiable.
 *
 * @param images `[B, H, W, C]`
 * @param size `[height, width]`
 * @returns `[B, height, width, C]`; the same tensor where it has that size
 *
 * @example Usage
 * ```ts
 * import { resizeImages } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const resized = resizeImages(tf.tensor4d([0, 1], [1, 1, 2, 1]), [1, 4]);
 * assert.deepEqual([...resized.dataSync()], [0, 0.25, 0.75, 1]);
 * ```
 */
export function resizeImages(images: tf.Tensor4D, size: readonly [number, number]): tf.Tensor4D {
  const fits = images.shape[1] === size[0] && images.shape[2] === size[1];
  return fits ? images : tf.image.resizeBilinear(images, [...size], false, true);
}

/**
 * Takes a mean and a deviation of each channel out of images; differentiable.
 *
 * @param images `[B, H, W, C]` in `[0, 1]`
 * @param normalization Of the network that they are for
 * @returns `[B, H, W, C]`: (images - mean) / deviation
 *
 * @example Usage
 * ```ts
 * import { normalizeImages } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const images = tf.tensor4d([0.5, 0.75], [1, 1, 1, 2]);
 * const normalized = normalizeImages(images, { mean: [0.5, 0.5], deviation: [1, 0.25] });
 * assert.deepEqual([...normalized.dataSync()], [0, 1]);
 * ```
 */
export function normalizeImages(
  images: Images,
  { mean, deviation }: Normalization,
): tf.Tensor4D {
  const factor = tf.tensor1d(deviation.map((value) => 1 / value));
  const shift = tf.tensor1d(mean.map((value, channel) => -value / deviation[channel]));
  return tf.add(tf.mul(images, factor), shift) as tf.Tensor4D;
}
