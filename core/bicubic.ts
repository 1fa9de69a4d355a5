/**
 * Halving images by bicubic interpolation.
 *
 * @module
 */
import type { Images } from "./dataset.ts";
import * as tf from "./tf.ts";

/** Weights of eight neighbouring pixels: Keys's cubic (a = -1/2) stretched to twice its width against aliasing. */
const TAPS = [-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5].map((at) => cubic(at / 2) / 2);

/** Keys's cubic with a = -1/2, the weight of a pixel at a distance below 2. */
export function cubic(at: number): number {
  const x = Math.abs(at);
  return x <= 1 ? 1.5 * x ** 3 - 2.5 * x ** 2 + 1 : -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2;
}

/**
 * Halves images bicubically, antialiased, borders mirrored: MATLAB's way, by which sets for super-resolution are made.
 * Differentiable.
 *
 * @param images `[B, H, W, 3]`, sides of at least 4
 * @returns `[B, ceil(H / 2), ceil(W / 2), 3]`; it may leave the range of the pixels a little
 *
 * @example Usage
 * ```ts
 * import { halveImages } from "./bicubic.ts";
 * import * as tf from "./tf.ts";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const half = halveImages(tf.fill([1, 8, 7, 3], 0.5));
 * assert.deepEqual(half.shape, [1, 4, 4, 3]);
 * assert.ok(half.dataSync().every((value) => Math.abs(value - 0.5) < 1e-6));
 * ```
 */
export function halveImages(images: Images): Images {
  const [, height, width, channels] = images.shape;
  const padded = tf.mirrorPad(
    images,
    [[0, 0], [3, 3 + height % 2], [3, 3 + width % 2], [0, 0]],
    "symmetric",
  );
  const kernel = TAPS.flatMap((row) =>
    TAPS.flatMap((column) => Array.from({ length: channels }, () => row * column))
  );
  return tf.depthwiseConv2d(
    padded,
    tf.tensor4d(kernel, [TAPS.length, TAPS.length, channels, 1]),
    2,
    "valid",
  );
}
