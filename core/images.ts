/**
 * Resizing and normalising images, and converting them to and from 8-bit pictures.
 *
 * @module
 */
import type { Images, Picture } from "./dataset.ts";
import * as tf from "./tf.ts";

/** Which points of an image and its resized one coincide. */
export type ResizeGrid = "half-pixel" | "align-corners";

/** Mean and deviation per channel of pixels in `[0, 1]`: (pixels - mean) / deviation. */
export interface Normalization {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** A normalisation of red, green and blue. */
export interface ChannelNormalization extends Normalization {
  /** Mean of red, green and blue. */
  readonly mean: readonly [number, number, number];
  /** Standard deviation of red, green and blue. */
  readonly deviation: readonly [number, number, number];
}

/** ImageNet's mean and deviation, used by torchvision's networks. */
export const IMAGENET: Normalization = {
  mean: [0.485, 0.456, 0.406],
  deviation: [0.229, 0.224, 0.225],
};

/**
 * Resizes images bilinearly, by default with half-pixel centres (PyTorch's `align_corners=False`);
 * differentiable.
 *
 * @param images `[B, H, W, C]`
 * @param size `[height, width]`
 * @param grid "align-corners" lays corner pixels onto corner pixels (PyTorch's `align_corners=True`)
 * @returns `[B, height, width, C]`; the same tensor if it already has that size
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
export function resizeImages(
  images: tf.Tensor4D,
  size: readonly [number, number],
  grid: ResizeGrid = "half-pixel",
): tf.Tensor4D {
  const fits = images.shape[1] === size[0] && images.shape[2] === size[1];
  const corners = grid === "align-corners";
  return fits ? images : tf.image.resizeBilinear(images, [...size], corners, !corners);
}

/**
 * Normalises images by a mean and a deviation per channel; differentiable.
 *
 * @param images `[B, H, W, C]` in `[0, 1]`
 * @param normalization Mean and deviation that the network expects
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

/**
 * Rounds images to 8 bits.
 *
 * @param images `[B, H, W, 3]` in `[0, 1]`; borrowed
 * @returns B pictures
 *
 * @example Usage
 * ```ts
 * import { imagesOf, picturesOf } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const picture = { height: 1, width: 1, pixels: Uint8Array.of(0, 100, 255) };
 * assert.deepEqual(await picturesOf(imagesOf([picture])), [picture]);
 * ```
 */
export async function picturesOf(images: Images): Promise<Picture[]> {
  const [count, height, width] = images.shape;
  const values = await images.data<"float32">();
  const size = height * width * 3;
  return Array.from({ length: count }, (_, row) => ({
    height,
    width,
    // Clamped arrays round to the nearest.
    pixels: new Uint8Array(
      Uint8ClampedArray.from(values.subarray(row * size, (row + 1) * size), (value) => value * 255)
        .buffer,
    ),
  }));
}

/**
 * Converts pictures of one size to images.
 *
 * @param pictures At least one
 * @returns `[B, H, W, 3]` in `[0, 1]`; the caller disposes it
 * @throws {TypeError} If their sizes differ
 */
export function imagesOf(pictures: readonly Picture[]): Images {
  const [{ height, width }] = pictures;
  const values = new Float32Array(pictures.length * height * width * 3);
  pictures.forEach(({ pixels, ...size }, row) => {
    if (size.height !== height || size.width !== width) {
      throw new TypeError(
        `Cannot convert pictures to images as all must be ${height}x${width}: current size is ${size.height}x${size.width}`,
      );
    }
    for (let index = 0; index < pixels.length; index++) {
      values[row * pixels.length + index] = pixels[index] / 255;
    }
  });
  return tf.tensor4d(values, [pictures.length, height, width, 3]);
}
