/**
 * EDSR, a network that doubles images, and the restorer made of it.
 *
 * @module
 */
import { halveImages } from "../bicubic.ts";
import type { Images } from "../dataset.ts";
import { conv, type Layer, pixelShuffle, uniformByFanIn } from "../layers/mod.ts";
import type { Random } from "../random.ts";
import type { Restorer } from "../recipes/restorer.ts";
import { denoiseImages } from "../shrink_wavelets.ts";
import * as tf from "../tf.ts";
import { Parameters } from "../weights/parameters.ts";

/** The mean colour of DIV2K, which EDSR's published weights are relative to. */
const MEAN = [0.4488, 0.4371, 0.4040];
/** Its pixels lie in [0, 255]. */
const RANGE = 255;

/** How EDSR is built. */
export interface EdsrSettings {
  /** Channels of its convolutions. */
  readonly width: number;
  /** Residual blocks. */
  readonly blocks: number;
  /** What the output of a block is multiplied by before it is added. */
  readonly residualScale: number;
}

/** A network that doubles images. */
export interface Upscaler extends Disposable {
  /** Weights by the published names. */
  readonly parameters: Parameters;
  /**
   * Doubles a batch; differentiable.
   *
   * @param images `[B, H, W, 3]` in `[0, 1]`
   * @returns `[B, 2 H, 2 W, 3]`, not clipped
   */
  upscale(images: Images): Images;
}

/**
 * Builds EDSR for twice the size (Lim et al. 2017): a 3 x 3 convolution, residual blocks of two without norm, one more
 * around them, and a pixel shuffle. The baseline, of 64 channels and 16 blocks, has 1,369,859 weights; the full network,
 * of 256, 32 and a residual scale of .1, has 40,729,603.
 *
 * @param settings Width, blocks, residual scale
 * @param random Where first weights are drawn from
 * @returns The network; it takes any size. Dispose it when done
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { createEdsr } from "@realign/core/recipes";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * using network = createEdsr({ width: 4, blocks: 1, residualScale: 1 }, createRandom(1));
 * assert.deepEqual(network.upscale(tf.zeros([1, 5, 4, 3])).shape, [1, 10, 8, 3]);
 * ```
 */
export function createEdsr(
  { width, blocks, residualScale }: EdsrSettings,
  random: Random,
): Upscaler {
  const parameters = new Parameters(random);
  const layer = (name: string, inputs: number, outputs: number): Layer =>
    conv(parameters, name, inputs, outputs, { kernel: 3, initialize: uniformByFanIn });
  const block = (name: string): Layer => {
    const [first, second] = [0, 2].map((at) => layer(`${name}.body.${at}`, width, width));
    return (input) => tf.add(input, tf.mul(second(tf.relu(first(input))), residualScale));
  };
  const head = layer("head.0", 3, width);
  const body = [
    ...Array.from({ length: blocks }, (_, index) => block(`body.${index}`)),
    layer(`body.${blocks}`, width, width),
  ];
  const spread = layer("tail.0.0", width, 4 * width);
  const last = layer("tail.1", width, 3);
  return {
    parameters,
    upscale(images) {
      const mean = tf.tensor1d(MEAN);
      const first = head(tf.mul(tf.sub(images, mean), RANGE));
      const deep = body.reduce((input, apply) => apply(input), first);
      const maps: tf.Tensor4D = tf.add(first, deep);
      return tf.add(tf.div(last(pixelShuffle(spread(maps))), RANGE), mean) as Images;
    },
    [Symbol.dispose]: () => parameters[Symbol.dispose](),
  };
}

/**
 * Builds the restorer of Mustafa et al. 2019: wavelet denoising, then EDSR. The doubled image comes back to its size by
 * the mean of 2 x 2 pixels.
 *
 * In training it restores what EDSR learns from: images that were halved, without denoising.
 *
 * @param settings Width, blocks and residual scale of EDSR, and `sigma`, the noise to take away
 * @param random Where first weights are drawn from
 * @returns The network; it takes any size from 4 x 4 on. Dispose it when done
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { createSuperResolver } from "@realign/core/recipes";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const settings = { width: 4, blocks: 1, residualScale: 1, sigma: 0.01 };
 * using restorer = createSuperResolver(settings, createRandom(1));
 * assert.deepEqual(restorer.restore(tf.zeros([1, 5, 4, 3])).shape, [1, 5, 4, 3]);
 * ```
 */
export function createSuperResolver(
  { sigma, ...settings }: EdsrSettings & { readonly sigma: number },
  random: Random,
): Restorer {
  const { parameters, upscale, ...network } = createEdsr(settings, random);
  return {
    ...network,
    parameters,
    restore(images, mode = "inference") {
      if (mode === "training") {
        // Twice the half of an odd side is one pixel longer.
        return tf.slice(upscale(halveImages(images)), [0, 0, 0, 0], images.shape);
      }
      const doubled = upscale(denoiseImages(images, sigma));
      return tf.avgPool(tf.clipByValue(doubled, 0, 1), 2, 2, "valid");
    },
  };
}
