/**
 * The cosine transform of 8x8 blocks, which JPEG and what is made after it quantise.
 *
 * @module
 */
import * as tf from "../tf.ts";

/** Side of a block. */
export const BLOCK = 8;

/** From the 64 pixels of a block, rows from the top, to its 64 coefficients: orthonormal. */
const COSINES = Float32Array.from({ length: BLOCK ** 4 }, (_, index) => {
  const [pixel, frequency] = [Math.floor(index / BLOCK ** 2), index % BLOCK ** 2];
  const wave = (at: number, k: number) =>
    Math.sqrt((k === 0 ? 1 : 2) / BLOCK) * Math.cos((2 * at + 1) * k * Math.PI / (2 * BLOCK));
  return wave(Math.floor(pixel / BLOCK), Math.floor(frequency / BLOCK)) *
    wave(pixel % BLOCK, frequency % BLOCK);
});

const basis = () => tf.tensor2d(COSINES, [BLOCK * BLOCK, BLOCK * BLOCK]);

/**
 * Rounds the coefficients of planes to multiples of a table's steps.
 *
 * @param planes `[B, H, W, C]`, sides multiples of 8
 * @param table 64 steps, rows of frequencies from the lowest
 * @param round How a coefficient in units of its step is rounded
 * @returns Planes of the same shape; recordable
 *
 * @example Usage
 * ```ts
 * import { roundCoefficients } from "./cosine_blocks.ts";
 * import * as tf from "../tf.ts";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const grey = tf.fill<tf.Rank.R4>([1, 8, 8, 1], 10); // its only coefficient is 8 times 10
 * const coarse = roundCoefficients(grey, new Array(64).fill(30), tf.round);
 * assert.ok(Math.abs(coarse.dataSync()[0] - 90 / 8) < 1e-4);
 * ```
 */
export function roundCoefficients(
  planes: tf.Tensor4D,
  table: readonly number[],
  round: (coefficients: tf.Tensor2D) => tf.Tensor,
): tf.Tensor4D {
  const [batch, height, width, channels] = planes.shape;
  const [down, across] = [height / BLOCK, width / BLOCK];
  const steps = tf.tensor2d([...table], [1, BLOCK * BLOCK]);
  const rounded = tf.mul(
    round(tf.div(coefficientsOf(planes), steps)),
    steps,
  ) as tf.Tensor2D;
  const restored = tf.reshape(
    tf.matMul(rounded, basis(), false, true),
    [batch * down, across, channels, BLOCK, BLOCK],
  );
  return tf.reshape(tf.transpose(restored, [0, 3, 1, 4, 2]), planes.shape);
}

/**
 * The coefficients of all blocks of planes.
 *
 * @param planes `[B, H, W, C]`, sides multiples of 8
 * @returns `[B * H / 8 * W / 8 * C, 64]`
 */
export function coefficientsOf(planes: tf.Tensor4D): tf.Tensor2D {
  const [batch, height, width, channels] = planes.shape;
  // Rank 5 at most: the batch and the blocks' rows are one axis, pixels of a row and channels another.
  const blocks = tf.reshape(
    tf.transpose(
      tf.reshape(planes, [batch * height / BLOCK, BLOCK, width / BLOCK, BLOCK, channels]),
      [0, 2, 4, 1, 3],
    ),
    [-1, BLOCK * BLOCK],
  ) as tf.Tensor2D;
  return tf.matMul(blocks, basis()) as tf.Tensor2D;
}

/**
 * The nearest integer, with a slope: r + (c - r)^3 with r the nearest integer (Shin and Song 2017).
 *
 * @param values Any shape
 * @returns The same shape; its slope is 3 (c - r)^2
 */
export function softRound(values: tf.Tensor): tf.Tensor {
  const nearest = tf.round(values);
  return tf.add(nearest, tf.pow(tf.sub(values, nearest), 3));
}
