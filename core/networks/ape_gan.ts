/**
 * The two networks of APE-GAN: an auto-encoder that restores images, and its critic.
 *
 * @module
 */
import { batchNorm, dense, type Layer, type ModalLayer, normal } from "../layers/mod.ts";
import { truncatedNormal } from "../layers/initializers.ts";
import { sameConv, sameUpConv } from "../layers/same_conv.ts";
import type { Random } from "../random.ts";
import type { Critic, Restorer } from "../recipes/restorer.ts";
import * as tf from "../tf.ts";
import { Parameters } from "../weights/parameters.ts";

const DEVIATION = 0.02;
const DOWN = { kernel: 5, stride: 2, initialize: truncatedNormal(DEVIATION) };
const UP = { kernel: 5, stride: 2, initialize: normal(DEVIATION) };

/** Above this side the critic averages its last map over the image, in place of a weight for each pixel. */
const LARGEST_FLAT = 64;

const leaky = (input: tf.Tensor4D): tf.Tensor4D => tf.leakyRelu(input, 0.2);
const centre = (images: tf.Tensor4D): tf.Tensor4D => tf.sub(tf.mul(images, 2), 1);

/** A convolution, batch norm, and an activation. */
function normed(
  parameters: Parameters,
  name: string,
  channels: number,
  convolve: Layer,
  activate: (input: tf.Tensor4D) => tf.Tensor4D,
): ModalLayer {
  const norm = batchNorm(parameters, `${name}.norm`, channels);
  return (input, mode) => activate(norm(convolve(input), mode));
}

/**
 * Builds APE-GAN's generator (Shen et al. 2017): two 5 x 5 convolutions of stride 2, two transposed ones back, batch
 * norm between them, tanh behind. The whole image passes through a map of a quarter of its sides.
 *
 * At test time batch norm takes its running averages; the published code takes the statistics of the batch, by which
 * what an image becomes depends on the others.
 *
 * @param width Channels of the first convolution; 64 is the published network, of 419,971 weights
 * @param random Where first weights are drawn from
 * @returns The network; it takes any size. Dispose it when done
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { createApeGenerator } from "@realign/core/recipes";
 * import { useTestBackend } from "@realign/core/testing";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * using generator = createApeGenerator(4, createRandom(1));
 * assert.deepEqual(generator.restore(tf.zeros([1, 9, 6, 3])).shape, [1, 9, 6, 3]);
 * ```
 */
export function createApeGenerator(width: number, random: Random): Restorer {
  const parameters = new Parameters(random);
  const layers = [
    normed(parameters, "down1", width, sameConv(parameters, "down1", 3, width, DOWN), leaky),
    normed(
      parameters,
      "down2",
      2 * width,
      sameConv(parameters, "down2", width, 2 * width, DOWN),
      leaky,
    ),
    normed(parameters, "up1", width, sameUpConv(parameters, "up1", 2 * width, width, UP), tf.relu),
  ];
  const last = sameUpConv(parameters, "up2", width, 3, UP);
  return {
    parameters,
    restore(images, mode = "inference") {
      const [batch, height, size] = images.shape;
      const maps = layers.reduce((input, layer) => layer(input, mode), centre(images));
      // A side that 4 does not divide comes back longer.
      const whole = tf.slice(tf.tanh(last(maps)), [0, 0, 0, 0], [batch, height, size, 3]);
      return tf.mul(tf.add(whole, 1), 0.5);
    },
    [Symbol.dispose]: () => parameters[Symbol.dispose](),
  };
}

/**
 * Builds APE-GAN's critic: three 5 x 5 convolutions of stride 2, the last two with batch norm, and one logit of all
 * that is left; above 64 pixels, of its mean over the image, so that the number of weights does not grow.
 *
 * @param width Channels of the first convolution; 64 is the published network, of 1,034,113 weights at 32 x 32
 * @param size `[H, W]` of its images
 * @param random Where first weights are drawn from
 * @returns The network; dispose it when done
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { createApeCritic } from "@realign/core/recipes";
 * import { useTestBackend } from "@realign/core/testing";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * using critic = createApeCritic(4, [8, 8], createRandom(1));
 * assert.deepEqual(critic.score(tf.zeros([2, 8, 8, 3])).shape, [2, 1]);
 * ```
 */
export function createApeCritic(
  width: number,
  [height, columns]: readonly [number, number],
  random: Random,
): Critic {
  const parameters = new Parameters(random);
  const first = sameConv(parameters, "down1", 3, width, DOWN);
  const rest = [2, 3].map((level) => {
    const [inputs, outputs] = [width * 2 ** (level - 2), width * 2 ** (level - 1)];
    const name = `down${level}`;
    return normed(
      parameters,
      name,
      outputs,
      sameConv(parameters, name, inputs, outputs, DOWN),
      leaky,
    );
  });
  const isFlat = Math.max(height, columns) <= LARGEST_FLAT;
  const places = isFlat ? Math.ceil(height / 8) * Math.ceil(columns / 8) : 1;
  const judge = dense(parameters, "score", places * 4 * width, 1, normal(DEVIATION));
  return {
    parameters,
    score(images) {
      const maps = rest.reduce(
        (input, layer) => layer(input, "training"),
        leaky(first(centre(images))),
      );
      const flat = isFlat ? tf.reshape(maps, [images.shape[0], -1]) : tf.mean(maps, [1, 2]);
      return judge(flat as tf.Tensor2D);
    },
    [Symbol.dispose]: () => parameters[Symbol.dispose](),
  };
}
