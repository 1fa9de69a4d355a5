/**
 * DUNET, HGD's denoiser: a U-net that predicts what to add to an image.
 *
 * @module
 */
import { resizeImages } from "../images.ts";
import { conv, convNorm, type ModalLayer, uniformByFanIn } from "../layers/mod.ts";
import type { Random } from "../random.ts";
import type { Restorer } from "../recipes/restorer.ts";
import * as tf from "../tf.ts";
import { Parameters } from "../weights/parameters.ts";

/** Channels of each level in widths, from the image's size down, and its convolutions on the way down. */
const LEVELS = [[1, 2], [2, 3], [4, 3], [4, 3], [4, 3]] as const;
/** Convolutions of a level on the way up. */
const UP = [2, 3, 3, 3];

/**
 * Builds DUNET (Liao et al. 2018). Down: five levels of 3 x 3 convolutions with batch norm and ReLU, the first of
 * each but the highest of stride 2. Up: the map is resized to the level above, which joins it, and convolved. A 1 x 1
 * convolution makes what is added to the image. Sides are halved upwards, so that any size passes.
 *
 * Maps are resized with corner on corner, as PyTorch did when it was published.
 *
 * @param width Channels of the first level; 64 is the published network, of 11,033,984 weights
 * @param random Where first weights are drawn from, as PyTorch draws them
 * @returns The network; dispose it when done
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { createDunet } from "@realign/core/recipes";
 * import { useTestBackend } from "@realign/core/testing";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * using dunet = createDunet(2, createRandom(1));
 * assert.deepEqual(dunet.restore(tf.zeros([1, 19, 16, 3])).shape, [1, 19, 16, 3]);
 * ```
 */
export function createDunet(width: number, random: Random): Restorer {
  const parameters = new Parameters(random);
  const channels = LEVELS.map(([widths]) => widths * width);
  const down = LEVELS.map(([, depth], level) =>
    convolutions(parameters, `down${level}`, {
      inputs: level === 0 ? 3 : channels[level - 1],
      outputs: channels[level],
      depth,
      stride: level === 0 ? 1 : 2,
    })
  );
  const up = UP.map((depth, level) =>
    convolutions(parameters, `up${level}`, {
      inputs: channels[level + 1] + channels[level],
      outputs: channels[level],
      depth,
      stride: 1,
    })
  );
  const options = { kernel: 1, bias: false, initialize: uniformByFanIn };
  const last = conv(parameters, "last", width, 3, options);
  return {
    parameters,
    restore(images, mode = "inference") {
      const maps: tf.Tensor4D[] = [];
      for (const level of down) maps.push(level(maps.at(-1) ?? images, mode));
      // From the lowest level up: each takes what the one below has become.
      const whole = up.reduceRight((below, level, index) => {
        const beside = maps[index];
        const [, height, columns] = beside.shape;
        const grown = resizeImages(below, [height, columns], "align-corners");
        return level(tf.concat([grown, beside], 3), mode);
      }, maps[maps.length - 1]);
      const restored = tf.add(images, last(whole)) as tf.Tensor4D;
      return mode === "training" ? restored : tf.clipByValue(restored, 0, 1);
    },
    [Symbol.dispose]: () => parameters[Symbol.dispose](),
  };
}

/** Convolutions with batch norm and ReLU, the first of the stride. */
function convolutions(
  parameters: Parameters,
  name: string,
  { inputs, outputs, depth, stride }: {
    readonly inputs: number;
    readonly outputs: number;
    readonly depth: number;
    readonly stride: number;
  },
): ModalLayer {
  const layers = Array.from({ length: depth }, (_, index) =>
    convNorm(
      parameters,
      { conv: `${name}.${index}.conv`, norm: `${name}.${index}.norm` },
      index === 0 ? inputs : outputs,
      outputs,
      { kernel: 3, stride: index === 0 ? stride : 1, initialize: uniformByFanIn },
    ));
  return (input, mode) => layers.reduce((value, layer) => tf.relu(layer(value, mode)), input);
}
