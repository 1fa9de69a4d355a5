/**
 * The two networks of Defense-GAN: a generator of images from random vectors, and its critic.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import { batchNorm, dense, type ModalLayer, normal } from "../layers/mod.ts";
import { sameConv, sameUpConv } from "../layers/same_conv.ts";
import type { Random } from "../random.ts";
import type { Critic, Mode } from "../recipes/restorer.ts";
import * as tf from "../tf.ts";
import { Parameters } from "../weights/parameters.ts";

/** Numbers of z. */
export const LATENTS = 128;

const KERNEL = 5;
/** Side of the smallest map. */
const SMALLEST = 4;

/** He's first values, by the mean of both fans. */
const initialize = (fanIn: number, fanOut: number) => normal(Math.sqrt(4 / (fanIn + fanOut)));

/** What the networks can be told. */
export interface DefenseGanSettings {
  /** Channels beside the images; doubled at each smaller map. The published networks have 128, or 64. */
  readonly width: number;
  /** Side of the images: 4 times a power of 2, from 8 on. The published ones have 32. */
  readonly side: number;
  /** Whether the generator has batch norm. */
  readonly batchNorm: boolean;
}

/** A network that makes images of random vectors. */
export interface LatentGenerator extends Disposable {
  readonly parameters: Parameters;
  /**
   * Makes a batch; differentiable.
   *
   * @param latents z `[B, 128]`
   * @param mode In "inference", the default, an image does not depend on the others
   * @returns `[B, side, side, 3]` in `[0, 1]`
   */
  generate(latents: tf.Tensor2D, mode?: Mode): Images;
}

/** Channels from the largest map to the smallest, the images left out. */
function channelsOf({ width, side }: Pick<DefenseGanSettings, "width" | "side">): number[] {
  const doublings = Math.log2(side / SMALLEST);
  return Array.from({ length: doublings }, (_, level) => width * 2 ** level);
}

/**
 * Builds Defense-GAN's generator (Samangouei et al. 2018) as WGAN-GP has it for 32 x 32 (Gulrajani et al. 2017): a
 * dense layer to maps of 4 x 4, transposed 5 x 5 convolutions of stride 2, batch norm and ReLU between them, tanh
 * behind. For other sides it has as many convolutions as it takes; that is ours.
 *
 * @param settings Width 128 is WGAN-GP's, of 5,179,907 weights; 64, Defense-GAN's own for its images, has 1,565,955,
 * and 1,557,379 without batch norm
 * @param random Where first weights are drawn from
 * @returns The network; dispose it when done
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { createLatentGenerator } from "@realign/core/recipes";
 * import { useTestBackend } from "@realign/core/testing";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * const settings = { width: 2, side: 16, batchNorm: true };
 * using generator = createLatentGenerator(settings, createRandom(1));
 * assert.deepEqual(generator.generate(tf.zeros([3, 128])).shape, [3, 16, 16, 3]);
 * ```
 */
export function createLatentGenerator(
  settings: DefenseGanSettings,
  random: Random,
): LatentGenerator {
  const parameters = new Parameters(random);
  const [last, ...wider] = channelsOf(settings);
  const levels = [...wider.reverse(), last];
  const norm = (name: string, channels: number): ModalLayer =>
    settings.batchNorm ? batchNorm(parameters, name, channels) : (input) => input;
  const places = SMALLEST ** 2 * levels[0];
  const first = dense(parameters, "first", LATENTS, places, initialize(LATENTS, places));
  // Of each number, not of each channel.
  const firstNorm = norm("first.norm", places);
  const up = (name: string, inputs: number, outputs: number) =>
    sameUpConv(parameters, name, inputs, outputs, {
      kernel: KERNEL,
      initialize: initialize(inputs * KERNEL ** 2 / 4, outputs * KERNEL ** 2),
    });
  const ups = levels.slice(1).map((outputs, level): ModalLayer => {
    const name = `up${level + 1}`;
    const convolve = up(name, levels[level], outputs);
    const normalize = norm(`${name}.norm`, outputs);
    return (input, mode) => tf.relu(normalize(convolve(input), mode));
  });
  const paint = up(`up${levels.length}`, last, 3);
  return {
    parameters,
    generate(latents, mode = "inference") {
      const [batch] = latents.shape;
      const numbers = tf.reshape(first(latents), [batch, 1, 1, places]) as tf.Tensor4D;
      const start = tf.relu(firstNorm(numbers, mode));
      const maps = ups.reduce(
        (input, layer) => layer(input, mode),
        tf.reshape(start, [batch, SMALLEST, SMALLEST, levels[0]]) as tf.Tensor4D,
      );
      return tf.mul(tf.add(tf.tanh(paint(maps)), 1), 0.5);
    },
    [Symbol.dispose]: () => parameters[Symbol.dispose](),
  };
}

/**
 * Builds Defense-GAN's critic, WGAN-GP's: 5 x 5 convolutions of stride 2 with leaky ReLU, without batch norm, which
 * would make the gradient of one image depend on the others; one number of the maps of 4 x 4 that are left.
 *
 * @param settings Width 128 has 4,114,689 weights at 32 x 32, 64 has 1,033,345
 * @param random Where first weights are drawn from
 * @returns The network; its scores have no bounds. Dispose it when done
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { createWassersteinCritic } from "@realign/core/recipes";
 * import { useTestBackend } from "@realign/core/testing";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * using critic = createWassersteinCritic({ width: 2, side: 16 }, createRandom(1));
 * assert.deepEqual(critic.score(tf.zeros([3, 16, 16, 3])).shape, [3, 1]);
 * ```
 */
export function createWassersteinCritic(
  settings: Pick<DefenseGanSettings, "width" | "side">,
  random: Random,
): Critic {
  const parameters = new Parameters(random);
  const channels = [3, ...channelsOf(settings)];
  const downs = channels.slice(1).map((outputs, level) =>
    sameConv(parameters, `down${level + 1}`, channels[level], outputs, {
      kernel: KERNEL,
      stride: 2,
      initialize: initialize(channels[level] * KERNEL ** 2, outputs * KERNEL ** 2 / 4),
    })
  );
  const places = SMALLEST ** 2 * channels[channels.length - 1];
  const judge = dense(parameters, "score", places, 1, initialize(places, 1));
  return {
    parameters,
    score(images) {
      const centred: tf.Tensor4D = tf.sub(tf.mul(images, 2), 1);
      const maps = downs.reduce((input, layer) => tf.leakyRelu(layer(input), 0.2), centred);
      return judge(tf.reshape(maps, [images.shape[0], places]));
    },
    [Symbol.dispose]: () => parameters[Symbol.dispose](),
  };
}
