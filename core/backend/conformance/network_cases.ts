/**
 * Pieces of the networks as a whole: norms, blocks, dense layers.
 *
 * @module
 */
import { instanceNorm } from "../../layers/mod.ts";
import * as tf from "../../tf.ts";
import { type ConformanceCase, item } from "./case.ts";

/** Every channel of every image to mean 0 and variance 1, in plain loops. */
function normalised(
  x: Float32Array,
  batch: number,
  pixels: number,
  channels: number,
): Float32Array {
  return x.map((value, index) => {
    const [example, channel] = [Math.floor(index / (pixels * channels)), index % channels];
    const values = Array.from(
      { length: pixels },
      (_, pixel) => x[(example % batch * pixels + pixel) * channels + channel],
    );
    const mean = values.reduce((sum, other) => sum + other) / pixels;
    const variance = values.reduce((sum, other) => sum + (other - mean) ** 2, 0) / pixels;
    return (value - mean) / Math.sqrt(variance + 1e-5);
  });
}

/** All pieces of networks in the table. */
export const networkCases: readonly ConformanceCase[] = [
  item("instance norm", [[2, 6, 7, 3]], (x) => instanceNorm(x), {
    expected: (x) => normalised(x, 2, 42, 3),
  }),
  item("batch norm of moments", [[4, 6, 7, 3], [3], [3]], (x, scale, shift) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return tf.batchNorm4d(x, mean as tf.Tensor1D, variance as tf.Tensor1D, shift, scale, 1e-3);
  }),
  item(
    "batch norm of fixed statistics",
    [[4, 6, 7, 3], [3], [3]],
    (x, scale, shift) =>
      tf.batchNorm4d(x, tf.tensor1d([0.1, 0.2, 0.3]), tf.tensor1d([0.5, 1, 2]), shift, scale, 1e-3),
  ),
  item("residual block", [[1, 6, 6, 4], [3, 3, 4, 4]], (x, filter) => {
    const padded = tf.mirrorPad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], "reflect") as tf.Tensor4D;
    return tf.add(x, tf.relu(instanceNorm(tf.conv2d(padded, filter, 1, "valid"))));
  }),
  item("upsampling", [[1, 4, 4, 3], [3, 3, 2, 3]], (x, filter) => {
    const whole = tf.conv2dTranspose(x, filter, [1, 9, 9, 2], 2, "valid");
    return tf.tanh(tf.slice(whole, [0, 1, 1, 0], [1, 8, 8, 2]));
  }),
  item("gradient of a gradient", [[5, 5, 3, 4], [64, 1]], (filter, weight) => {
    const point = tf.reshape(tf.sin(tf.range(0, 384)), [2, 8, 8, 3]);
    const score = (x: tf.Tensor) => {
      const maps = tf.leakyRelu(tf.conv2d(x as tf.Tensor4D, filter, 2, "same"), 0.2);
      return tf.sum(tf.matMul(tf.reshape(tf.relu(tf.add(maps, 1)), [2, 64]), weight));
    };
    return tf.square(tf.grad(score)(point));
  }),
  item(
    "dense layer",
    [[6, 12], [12, 8], [8]],
    (x, weight, bias) => tf.relu(tf.add(tf.matMul(x, weight), bias)),
  ),
  item(
    "global pooling and logits",
    [[3, 4, 4, 8], [8, 5]],
    (x, weight) => tf.matMul(tf.mean(x, [1, 2]) as tf.Tensor2D, weight),
  ),
];
