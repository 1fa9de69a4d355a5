/**
 * Batch norm: in inference a factor and a shift for each channel, which a convolution before it can take in.
 *
 * @module
 */
import { normalizeBatch } from "../backend/tensorflow/fused_norm.ts";
import { constant } from "./initializers.ts";
import type { ModalLayer } from "./layer.ts";
import type { Parameters } from "../weights/parameters.ts";
import * as tf from "../tf.ts";
import { activeWorkers } from "../workers/workers.ts";

/** What a batch norm can be told. */
export interface BatchNormOptions {
  /** Added to the variance. @default {1e-5} */
  readonly epsilon?: number;
  /** Share of the batch in the moving statistics. @default {0.1} */
  readonly momentum?: number;
}

/** A batch norm in its two modes. */
export interface BatchNorm {
  /** In inference it is `input * factor + shift`, `[C]` each. */
  fold(): { readonly factor: tf.Tensor1D; readonly shift: tf.Tensor1D };
  /** By the statistics of the batch; moves the averages. */
  train(input: tf.Tensor4D): tf.Tensor4D;
}

/** The two modes of {@linkcode batchNorm}, for layers that go together with one. */
export function createBatchNorm(
  parameters: Parameters,
  name: string,
  channels: number,
  { epsilon = 1e-5, momentum = 0.1 }: BatchNormOptions = {},
): BatchNorm {
  const create = (part: string, value: number, trainable = true) =>
    parameters.create(`${name}.${part}`, [channels], constant(value), {
      trainable,
      nonNegative: part === "running_var",
    }) as tf.Variable<tf.Rank.R1>;
  const scale = create("weight", 1);
  const bias = create("bias", 0);
  const mean = create("running_mean", 0, false);
  const variance = create("running_var", 1, false);
  return {
    fold() {
      const factor = tf.mul(scale, tf.rsqrt(tf.add(variance, epsilon))) as tf.Tensor1D;
      return { factor, shift: tf.sub(bias, tf.mul(mean, factor)) as tf.Tensor1D };
    },
    train(input) {
      const batch = normalizeBatch(input, scale, bias, epsilon);
      const count = activeWorkers().count * input.size / channels;
      tf.tidy(() => {
        const unbiased = tf.mul(batch.variance, count / Math.max(1, count - 1));
        mean.assign(
          tf.add(tf.mul(mean, 1 - momentum), tf.mul(batch.mean, momentum)) as tf.Tensor1D,
        );
        variance.assign(
          tf.add(tf.mul(variance, 1 - momentum), tf.mul(unbiased, momentum)) as tf.Tensor1D,
        );
      });
      return batch.output;
    },
  };
}

/**
 * Batch norm with PyTorch's statistics (biased variance to normalise, unbiased in the moving
 * average). Weights: `NAME.weight`, `.bias`, `.running_mean`, `.running_var`.
 */
export function batchNorm(
  parameters: Parameters,
  name: string,
  channels: number,
  options: BatchNormOptions = {},
): ModalLayer {
  const norm = createBatchNorm(parameters, name, channels, options);
  return (input, mode) => {
    if (mode === "training") return norm.train(input);
    const { factor, shift } = norm.fold();
    return tf.add(tf.mul(input, factor), shift) as tf.Tensor4D;
  };
}
