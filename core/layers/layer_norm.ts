/**
 * Group norm of a single group: a norm that keeps what channels say of one another.
 *
 * @module
 */
import type { Parameters } from "../weights/parameters.ts";
import * as tf from "../tf.ts";

const EPSILON = 1e-5;

/**
 * Group norm of a single group (Wu and He 2018): every image to mean 0 and variance 1 over all channels
 * together, then a scale and a shift a channel. What channels say relative to one another, colour and
 * contrast among it, stays. Weights: `NAME.weight`, `NAME.bias`.
 *
 * @param parameters Where the weights are made
 * @param name Before their names
 * @param channels C
 * @returns A layer from `[B, H, W, C]` to the same shape
 *
 * @example Usage
 * ```ts
 * import { createRandom, Parameters } from "@realign/core";
 * import { layerNorm } from "@realign/core/layers";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * using parameters = new Parameters(createRandom(1));
 * const output = layerNorm(parameters, "norm", 2)(tf.tensor4d([1, 3, 1, 3], [1, 1, 2, 2]));
 * assert.deepEqual([...output.dataSync()].map(Math.round), [-1, 1, -1, 1]);
 * ```
 */
export function layerNorm(
  parameters: Parameters,
  name: string,
  channels: number,
): (input: tf.Tensor4D) => tf.Tensor4D {
  const make = (suffix: string, value: number) =>
    parameters.create(
      `${name}.${suffix}`,
      [channels],
      (shape) => new Float32Array(shape[0]).fill(value),
    );
  const [scale, shift] = [make("weight", 1), make("bias", 0)];
  return (input) => normalize(input, scale, shift) as tf.Tensor4D;
}

// By hand: with x̂ = r (x - m) and y = x̂ s + t everything that has an entry for each pixel is x, dy and
// dy x; norm, scale and shift work on small tensors. By parts it takes half as long again.
const normalize = tf.customGrad((...given) => {
  const [input, scale, shift, save] = given as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
  const mean = overChannels(overPixels(input)); // [B, 1, 1, 1]
  const variance = overChannels(overPixels(tf.squaredDifference(input, mean)));
  const rate = tf.rsqrt(tf.add(variance, EPSILON));
  const factor = tf.mul(rate, scale); // [B, 1, 1, C]
  save([input, mean, rate, scale]);
  return {
    value: tf.add(tf.mul(input, factor), tf.sub(shift, tf.mul(mean, factor))),
    gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) => gradients(gradient, saved),
  };
});

/** dx = r (dy s - mean(dy s) - x̂ mean(dy s x̂)), ds = Σ dy x̂, dt = Σ dy. */
function gradients(gradient: tf.Tensor, saved: readonly tf.Tensor[]): tf.Tensor[] {
  const [input, mean, rate, scale] = saved;
  const [, height, width] = input.shape;
  const ofShift = overPixels(gradient); // [B, 1, 1, C], as all that follows
  const product = overPixels(tf.mul(gradient, input));
  const ofScale = tf.mul(rate, tf.sub(product, tf.mul(mean, ofShift)));
  const along = tf.mul(tf.square(rate), overChannels(tf.mul(ofScale, scale)));
  const constant = tf.sub(
    tf.mul(along, mean),
    tf.mul(rate, overChannels(tf.mul(ofShift, scale))),
  );
  const ofInput = tf.sub(
    tf.add(tf.mul(gradient, tf.mul(rate, scale)), constant),
    tf.mul(input, along),
  );
  const total = (part: tf.Tensor) => tf.mul(tf.sum(part, [0, 1, 2]), height * width);
  return [ofInput, total(ofScale), total(ofShift)];
}

function overPixels(images: tf.Tensor): tf.Tensor {
  return tf.mean(images, [1, 2], true);
}

/** After the pixels: a reduction of everything at once runs on a single core. */
function overChannels(means: tf.Tensor): tf.Tensor {
  return tf.mean(means, 3, true);
}
