/**
 * The Haar wavelet transform of images, exact both ways.
 *
 * @module
 */
import * as tf from "./tf.ts";

/** One level: an image of half the size, and what is lost by it. */
export interface HaarBands {
  /** `[B, ceil(H / 2), ceil(W / 2), C]`: sums of 2 x 2 pixels, halved. */
  readonly approximation: tf.Tensor4D;
  /** Differences along rows, along columns, and along both; shapes as that of the approximation. */
  readonly details: readonly tf.Tensor4D[];
}

/**
 * Splits images into the bands of one level of the orthonormal Haar transform; differentiable. The last row and column
 * of an odd size count twice (symmetric extension).
 *
 * @param images `[B, H, W, C]`
 * @returns The bands
 *
 * @example Usage
 * ```ts
 * import { mergeHaar, splitHaar } from "./wavelets.ts";
 * import * as tf from "./tf.ts";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const bands = splitHaar(tf.tensor4d([4, 2, 4, 2], [1, 2, 2, 1]));
 * assert.equal(bands.approximation.dataSync()[0], 6);
 * assert.deepEqual(bands.details.map((band) => band.dataSync()[0]), [2, 0, 0]);
 * assert.deepEqual([...mergeHaar(bands, [2, 2]).dataSync()], [4, 2, 4, 2]);
 * ```
 */
export function splitHaar(images: tf.Tensor4D): HaarBands {
  const [batch, height, width, channels] = images.shape;
  const even = tf.mirrorPad(
    images,
    [[0, 0], [0, height % 2], [0, width % 2], [0, 0]],
    "symmetric",
  );
  const [rows, columns] = [Math.ceil(height / 2), Math.ceil(width / 2)];
  const blocks = tf.transpose(
    tf.reshape(even, [batch, rows, 2, columns, 2, channels]),
    [0, 1, 3, 2, 4, 5],
  );
  const places = tf.split(tf.reshape(blocks, [batch, rows, columns, 4 * channels]), 4, 3);
  const [approximation, ...details] = mix(places as tf.Tensor4D[]);
  return { approximation, details };
}

/**
 * Puts together what {@linkcode splitHaar} split; differentiable.
 *
 * @param bands The bands
 * @param size `[H, W]` of the images
 * @returns `[B, H, W, C]`
 *
 * @example Usage
 * ```ts
 * import { mergeHaar, splitHaar } from "./wavelets.ts";
 * import * as tf from "./tf.ts";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const { approximation, details } = splitHaar(tf.tensor4d([4, 2, 4, 2], [1, 2, 2, 1]));
 * const flat = mergeHaar({ approximation, details: details.map(tf.zerosLike) }, [2, 2]);
 * assert.deepEqual([...flat.dataSync()], [3, 3, 3, 3]);
 * ```
 */
export function mergeHaar(
  { approximation, details }: HaarBands,
  [height, width]: readonly [number, number],
): tf.Tensor4D {
  const [batch, rows, columns, channels] = approximation.shape;
  const places = tf.concat(mix([approximation, ...details]), 3);
  const blocks = tf.transpose(
    tf.reshape(places, [batch, rows, columns, 2, 2, channels]),
    [0, 1, 3, 2, 4, 5],
  );
  const even: tf.Tensor4D = tf.reshape(blocks, [batch, 2 * rows, 2 * columns, channels]);
  return tf.slice(even, [0, 0, 0, 0], [batch, height, width, channels]);
}

/** The four pixels of a block to its four bands, and as well back: the matrix is its own inverse. */
function mix([first, second, third, fourth]: readonly tf.Tensor4D[]): tf.Tensor4D[] {
  const [above, across] = [tf.add(first, second), tf.sub(first, second)];
  const [below, under] = [tf.add(third, fourth), tf.sub(third, fourth)];
  return [
    tf.mul(tf.add(above, below), 0.5),
    tf.mul(tf.add(across, under), 0.5),
    tf.mul(tf.sub(above, below), 0.5),
    tf.mul(tf.sub(across, under), 0.5),
  ];
}
