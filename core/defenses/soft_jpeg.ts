/**
 * JPEG as a differentiable function: what stands in for the codec when a gradient is taken.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import { resizeImages } from "../images.ts";
import * as tf from "../tf.ts";
import { quantisationTable } from "./jpeg_tables.ts";

/** Side of a block. */
const BLOCK = 8;
/** Columns under a block of chroma, which has half the resolution. */
const UNIT = 2 * BLOCK;

/** Columns are Y, Cb and Cr of red, green and blue (ITU-T T.871), without the shift of chroma. */
const YCBCR = [
  [0.299, -0.168736, 0.5],
  [0.587, -0.331264, -0.418688],
  [0.114, 0.5, -0.081312],
];

/** Columns are red, green and blue of Y, Cb and Cr. */
const RGB = [
  [1, 1, 1],
  [0, -0.344136, 1.772],
  [1.402, -0.714136, 0],
];

/**
 * Compresses and decompresses images as baseline JPEG does, with a rounding that has a slope: colour as Y, Cb
 * and Cr, chroma at half resolution (4:2:0), the cosine transform of 8x8 blocks, quantisation, and all of it back.
 * A coefficient c, in units of its step, becomes r + (c - r)^3 with r the nearest integer (Shin and Song 2017), so
 * that the value is near the codec's and the slope is 3 (c - r)^2.
 *
 * Pure and recordable. Sides that are no multiple of 16 are padded as the codec pads them.
 *
 * @param images `[B, H, W, 3]` in `[0, 1]`
 * @param quality 1 to 100, as the codec's
 * @returns Images of the same shape in `[0, 1]`
 *
 * @example Usage
 * ```ts
 * import { softJpeg } from "@realign/core/defenses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const grey = softJpeg(tf.fill([1, 5, 7, 3], 128 / 255), 75);
 * assert.deepEqual(grey.shape, [1, 5, 7, 3]);
 * for (const value of grey.dataSync()) assert.ok(Math.abs(value - 128 / 255) < 1e-4);
 * ```
 */
export function softJpeg(images: Images, quality: number): Images {
  const [, height, width] = images.shape;
  // As the codec pads: columns before chroma is halved, rows of each plane after it.
  const wide = padded(images, 2, UNIT);
  const [batch, rows, columns] = wide.shape;
  const colours = product(tf.mul(wide, 255), YCBCR);
  const luma = tf.sub(tf.slice(colours, [0, 0, 0, 0], [-1, -1, -1, 1]), 128) as tf.Tensor4D;
  const chroma = tf.reshape(
    tf.mean(
      tf.reshape(tf.slice(colours, [0, 0, 0, 1], [-1, -1, -1, 2]), [-1, 2, columns / 2, 2, 2]),
      [1, 3],
    ),
    [batch, rows / 2, columns / 2, 2],
  ) as tf.Tensor4D;
  const y = tf.add(quantised(padded(luma, BLOCK, 1), quantisationTable("luma", quality)), 128);
  const small = tf.slice(
    quantised(padded(chroma, BLOCK, 1), quantisationTable("chroma", quality)),
    [0, 0, 0, 0],
    [-1, Math.ceil(height / 2), Math.ceil(width / 2), -1],
  );
  const large = resizeImages(small, [2 * small.shape[1], 2 * small.shape[2]]);
  const planes = [y as tf.Tensor4D, large].map((plane) =>
    tf.slice(plane, [0, 0, 0, 0], [-1, height, width, -1])
  );
  const back = product(tf.concat(planes, 3), RGB);
  return tf.clipByValue(tf.div(back, 255), 0, 1) as Images;
}

/** Repeats the last row and column up to multiples. */
function padded(planes: tf.Tensor4D, rows: number, columns: number): tf.Tensor4D {
  const [, height, width] = planes.shape;
  const below = (rows - height % rows) % rows;
  const right = (columns - width % columns) % columns;
  const last = tf.slice(planes, [0, height - 1, 0, 0], [-1, 1, -1, -1]);
  const tall = below === 0 ? planes : tf.concat([planes, tf.tile(last, [1, below, 1, 1])], 1);
  const edge = tf.slice(tall, [0, 0, width - 1, 0], [-1, -1, 1, -1]);
  return right === 0 ? tall : tf.concat([tall, tf.tile(edge, [1, 1, right, 1])], 2);
}

/** Another basis for the last axis. */
function product(images: tf.Tensor4D, basis: number[][]): tf.Tensor4D {
  const [batch, height, width] = images.shape;
  const flat = tf.reshape(images, [-1, basis.length]) as tf.Tensor2D;
  return tf.reshape(tf.matMul(flat, tf.tensor2d(basis)), [batch, height, width, basis[0].length]);
}

/** Planes `[B, H, W, C]` through the cosine transform, softly rounded to multiples of the table's steps. */
function quantised(planes: tf.Tensor4D, table: readonly number[]): tf.Tensor4D {
  const [batch, height, width, channels] = planes.shape;
  const [down, across] = [height / BLOCK, width / BLOCK];
  // Rank 5 at most: the batch and the blocks' rows are one axis, pixels of a row and channels another.
  const blocks = tf.reshape(
    tf.transpose(
      tf.reshape(planes, [batch * down, BLOCK, across, BLOCK, channels]),
      [0, 2, 4, 1, 3],
    ),
    [-1, BLOCK * BLOCK],
  ) as tf.Tensor2D;
  const basis = tf.tensor2d(COSINES, [BLOCK * BLOCK, BLOCK * BLOCK]);
  const steps = tf.tensor2d([...table], [1, BLOCK * BLOCK]);
  const rounded = tf.mul(softRound(tf.div(tf.matMul(blocks, basis), steps)), steps) as tf.Tensor2D;
  const restored = tf.reshape(
    tf.matMul(rounded, basis, false, true),
    [batch * down, across, channels, BLOCK, BLOCK],
  );
  return tf.reshape(tf.transpose(restored, [0, 3, 1, 4, 2]), planes.shape);
}

/** The nearest integer, with a slope. */
function softRound(values: tf.Tensor): tf.Tensor {
  const nearest = tf.round(values);
  return tf.add(nearest, tf.pow(tf.sub(values, nearest), 3));
}

/** From the 64 pixels of a block, rows from the top, to its 64 coefficients: orthonormal. */
const COSINES = Float32Array.from({ length: BLOCK ** 4 }, (_, index) => {
  const [pixel, frequency] = [Math.floor(index / BLOCK ** 2), index % BLOCK ** 2];
  const wave = (at: number, k: number) =>
    Math.sqrt((k === 0 ? 1 : 2) / BLOCK) * Math.cos((2 * at + 1) * k * Math.PI / (2 * BLOCK));
  return wave(Math.floor(pixel / BLOCK), Math.floor(frequency / BLOCK)) *
    wave(pixel % BLOCK, frequency % BLOCK);
});
