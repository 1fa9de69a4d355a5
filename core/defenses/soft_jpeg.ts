/**
 * JPEG as a differentiable function: what stands in for the codec when a gradient is taken.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import { resizeImages } from "../images.ts";
import * as tf from "../tf.ts";
import { BLOCK, roundCoefficients, softRound } from "./cosine_blocks.ts";
import { quantisationTable } from "./jpeg_tables.ts";
import { rgbOf, ycbcrOf } from "./ycbcr.ts";

/** Columns under a block of chroma, which has half the resolution. */
const UNIT = 2 * BLOCK;

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
  const colours = ycbcrOf(tf.mul(wide, 255));
  const luma = tf.sub(tf.slice(colours, [0, 0, 0, 0], [-1, -1, -1, 1]), 128) as tf.Tensor4D;
  const chroma = tf.reshape(
    tf.mean(
      tf.reshape(tf.slice(colours, [0, 0, 0, 1], [-1, -1, -1, 2]), [-1, 2, columns / 2, 2, 2]),
      [1, 3],
    ),
    [batch, rows / 2, columns / 2, 2],
  ) as tf.Tensor4D;
  const y = tf.add(quantised(padded(luma, BLOCK, 1), "luma", quality), 128);
  const small = tf.slice(
    quantised(padded(chroma, BLOCK, 1), "chroma", quality),
    [0, 0, 0, 0],
    [-1, Math.ceil(height / 2), Math.ceil(width / 2), -1],
  );
  const large = resizeImages(small, [2 * small.shape[1], 2 * small.shape[2]]);
  const planes = [y as tf.Tensor4D, large].map((plane) =>
    tf.slice(plane, [0, 0, 0, 0], [-1, height, width, -1])
  );
  const back = rgbOf(tf.concat(planes, 3));
  return tf.clipByValue(tf.div(back, 255), 0, 1) as Images;
}

/** Planes softly rounded by the codec's table. */
const quantised = (planes: tf.Tensor4D, kind: "luma" | "chroma", quality: number) =>
  roundCoefficients(planes, quantisationTable(kind, quality), softRound);

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
