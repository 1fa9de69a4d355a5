/**
 * Batch norm over the batch's own statistics as one operation with its exact gradient, where the
 * active backend has one.
 *
 * @module
 */
import * as tf from "../../tf.ts";
import { meanOfWorkers } from "../../workers/exchange.ts";
import { activeWorkers } from "../../workers/workers.ts";

/** What batch norm in training gives. */
export interface NormalizedBatch {
  readonly output: tf.Tensor4D;
  /** `[C]`. */
  readonly mean: tf.Tensor1D;
  /** `[C]`, divided by the number of values, not by one less. */
  readonly variance: tf.Tensor1D;
}

/** Batch norm over the batch's own statistics; differentiable in `input`, `scale` and `shift`. */
export type BatchNormKernel = (
  input: tf.Tensor4D,
  scale: tf.Tensor1D,
  shift: tf.Tensor1D,
  epsilon: number,
) => NormalizedBatch;

const kernels = new Map<string, BatchNormKernel>();

/** Gives a backend a kernel of its own. */
export function setBatchNormKernel(backendName: string, kernel: BatchNormKernel): void {
  kernels.set(backendName, kernel);
}

/**
 * Normalises every channel by the batch's mean and variance, then scales and shifts it.
 *
 * @param input `[B, H, W, C]`
 * @param scale `[C]`
 * @param shift `[C]`
 * @param epsilon Added to the variance
 * @returns The output and the statistics; no gradient flows through the statistics
 *
 * @example Usage
 * ```ts
 * import { normalizeBatch } from "./fused_norm.ts";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const { mean } = normalizeBatch(tf.tensor4d([1, 3], [2, 1, 1, 1]), tf.ones([1]), tf.zeros([1]), 0);
 * assert.equal(mean.dataSync()[0], 2);
 * ```
 */
export function normalizeBatch(
  input: tf.Tensor4D,
  scale: tf.Tensor1D,
  shift: tf.Tensor1D,
  epsilon: number,
): NormalizedBatch {
  if (activeWorkers().count > 1) return normalizeShared(input, scale, shift, epsilon);
  const kernel = kernels.get(tf.getBackend());
  if (kernel) return kernel(input, scale, shift, epsilon);
  const { mean, variance } = tf.moments(input, [0, 1, 2]) as {
    mean: tf.Tensor1D;
    variance: tf.Tensor1D;
  };
  return { output: tf.batchNorm4d(input, mean, variance, shift, scale, epsilon), mean, variance };
}

/** The same over the batch of all workers. The mean goes first, so that the variance loses no digits. */
function normalizeShared(
  input: tf.Tensor4D,
  scale: tf.Tensor1D,
  shift: tf.Tensor1D,
  epsilon: number,
): NormalizedBatch {
  const meanOf = (values: tf.Tensor) => meanOfWorkers(tf.mean(values, [0, 1, 2])) as tf.Tensor1D;
  const mean = meanOf(input);
  const centred = tf.sub(input, mean);
  const variance = meanOf(tf.square(centred));
  const factor = tf.mul(scale, tf.rsqrt(tf.add(variance, epsilon)));
  return { output: tf.add(tf.mul(centred, factor), shift) as tf.Tensor4D, mean, variance };
}
