/**
 * RRDBNet: residual blocks of residual dense blocks, NRP's purifier.
 *
 * @module
 */
import { conv, type Layer, uniformByFanIn } from "../layers/mod.ts";
import type { Random } from "../random.ts";
import type { Restorer } from "../recipes/restorer.ts";
import * as tf from "../tf.ts";
import { Parameters } from "../weights/parameters.ts";

/** Share of a block's output that is added to its input. */
const SHARE = 0.2;

/** Size of the network. */
export interface RrdbSettings {
  /** Channels between blocks; 64 is the published network. */
  readonly width: number;
  /** Blocks of three dense blocks; 23 is the published network. */
  readonly blocks: number;
  /** Channels that each convolution of a dense block adds; 32 is the published network. */
  readonly growth: number;
}

/**
 * Builds the purifier of NRP (Naseer et al. 2020), ESRGAN's RRDBNet without upsampling: a 3 x 3 convolution, blocks of
 * three dense blocks each, a 3 x 3 convolution. A dense block has five convolutions, each of which sees what all before
 * it gave. No norm, and no way around the whole.
 *
 * @param settings 64 channels, 23 blocks and a growth of 32 are the published network, of 16,550,275 weights
 * @param random Where first weights are drawn from, as PyTorch draws them
 * @returns The network; it takes any size. Dispose it when done
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { createRrdb } from "@realign/core/recipes";
 * import { useTestBackend } from "@realign/core/testing";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * using purifier = createRrdb({ width: 4, blocks: 1, growth: 2 }, createRandom(1));
 * assert.deepEqual(purifier.restore(tf.zeros([1, 9, 6, 3])).shape, [1, 9, 6, 3]);
 * ```
 */
export function createRrdb({ width, blocks, growth }: RrdbSettings, random: Random): Restorer {
  const parameters = new Parameters(random);
  const first = convolution(parameters, "first", 3, width);
  const trunk = Array.from({ length: blocks }, (_, index) =>
    residual(
      [1, 2, 3].map((place) => denseBlock(parameters, `block${index}.${place}`, width, growth)),
    ));
  const last = convolution(parameters, "last", width, 3);
  return {
    parameters,
    restore(images, mode = "inference") {
      const restored = last(trunk.reduce((value, layer) => layer(value), first(images)));
      return mode === "training" ? restored : tf.clipByValue(restored, 0, 1);
    },
    [Symbol.dispose]: () => parameters[Symbol.dispose](),
  };
}

const convolution = (parameters: Parameters, name: string, inputs: number, outputs: number) =>
  conv(parameters, name, inputs, outputs, { kernel: 3, initialize: uniformByFanIn });

/** Layers in a row, a share of whose output is added to their input. */
function residual(layers: readonly Layer[]): Layer {
  return (input) =>
    tf.add(input, tf.mul(layers.reduce((value, layer) => layer(value), input), SHARE));
}

/** Four convolutions of `growth` channels with LeakyReLU, and one that takes all of it back to the width. */
function denseBlock(
  parameters: Parameters,
  name: string,
  width: number,
  growth: number,
): Layer {
  const inner = [0, 1, 2, 3].map((index) =>
    convolution(parameters, `${name}.conv${index + 1}`, width + index * growth, growth)
  );
  const outer = convolution(parameters, `${name}.conv5`, width + 4 * growth, width);
  return residual([(input) => {
    const whole = inner.reduce(
      (known, layer) => tf.concat([known, tf.leakyRelu(layer(known), 0.2)], 3),
      input,
    );
    return outer(whole);
  }]);
}
