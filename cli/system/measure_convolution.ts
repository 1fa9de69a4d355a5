/**
 * How fast the backend convolves: the one number that training speed depends on.
 *
 * @module
 */
import { pause } from "@realign/core";
import * as tf from "@realign/core/tf";

const CHANNELS = 256;
const SIDE = 32;
const BATCH = 8;
/** Multiplications and additions of one convolution. */
const OPERATIONS = 2 * 9 * CHANNELS * CHANNELS * SIDE * SIDE * BATCH;

/**
 * Measures a 3x3 convolution from 256 channels to 256.
 *
 * @param options How long to repeat it, in milliseconds (the fastest counts); what ends it before
 * @returns 10^9 operations a second
 */
export async function measureConvolution(
  { milliseconds = 1_000, signal }: { milliseconds?: number; signal?: AbortSignal } = {},
): Promise<number> {
  const input = tf.ones<tf.Rank.R4>([BATCH, SIDE, SIDE, CHANNELS]);
  const kernel = tf.ones<tf.Rank.R4>([3, 3, CHANNELS, CHANNELS]);
  let fastest = Infinity;
  const begun = performance.now();
  // The first run compiles kernels and is not counted.
  for (let run = 0; run < 2 || performance.now() - begun < milliseconds; run++) {
    await pause(signal);
    const start = performance.now();
    const output = tf.conv2d(input, kernel, 1, "same");
    const corner = tf.slice(output, [0, 0, 0, 0], [1, 1, 1, 1]);
    await corner.data();
    if (run > 0) fastest = Math.min(fastest, performance.now() - start);
    tf.dispose([output, corner]);
  }
  tf.dispose([input, kernel]);
  return OPERATIONS / fastest / 1e6;
}
