/**
 * A critic in the style of VGG, as ESRGAN has it.
 *
 * @module
 */
import { conv, convNorm, dense, type Layer, uniformByFanIn } from "../layers/mod.ts";
import type { Random } from "../random.ts";
import type { Critic } from "../recipes/restorer.ts";
import * as tf from "../tf.ts";
import { Parameters } from "../weights/parameters.ts";

/** Channels of each level, in widths. */
const LEVELS = [1, 2, 4, 8, 8];
/** Rows or columns that are left of the smaller side. */
const LEFT = 4;
const HIDDEN = 100;

/**
 * Builds a critic (BasicSR's for 128 x 128): at each level a 3 x 3 convolution, and a 4 x 4 one of stride 2, with batch
 * norm behind all but the first, LeakyReLU 0.2; then two dense layers. Small images have fewer levels, so that about
 * 4 x 4 is left: three at 32 x 32, four at 64 x 64, five from 128 x 128 on.
 *
 * @param width Channels of the first level; 64 is the published network, of 14,499,401 weights at 128 x 128
 * @param size `[H, W]` of its images
 * @param random Where first weights are drawn from, as PyTorch draws them
 * @returns The network; dispose it when done
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { createVggCritic } from "@realign/core/recipes";
 * import { useTestBackend } from "@realign/core/testing";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * using critic = createVggCritic(2, [16, 24], createRandom(1));
 * assert.deepEqual(critic.score(tf.zeros([2, 16, 24, 3])).shape, [2, 1]);
 * ```
 */
export function createVggCritic(
  width: number,
  size: readonly [number, number],
  random: Random,
): Critic {
  const parameters = new Parameters(random);
  const halvings = Math.floor(Math.log2(Math.min(...size) / LEFT));
  const channels = LEVELS.slice(0, Math.max(1, halvings)).map((widths) => widths * width);
  const common = { initialize: uniformByFanIn };
  const layers = channels.flatMap((outputs, level): Layer[] => {
    const inputs = level === 0 ? 3 : channels[level - 1];
    const name = `level${level}`;
    const normed = (part: string, inputs: number, kernel: number, stride: number): Layer => {
      const names = { conv: `${name}.${part}`, norm: `${name}.${part}.norm` };
      const options = { ...common, kernel, stride, padding: 1 };
      const layer = convNorm(parameters, names, inputs, outputs, options);
      return (input) => layer(input, "training");
    };
    const first = level === 0
      ? conv(parameters, `${name}.keep`, inputs, outputs, { ...common, kernel: 3 })
      : normed("keep", inputs, 3, 1);
    return [first, normed("halve", outputs, 4, 2)];
  });
  const [rows, columns] = size.map((side) => side >> channels.length);
  const hidden = dense(parameters, "hidden", rows * columns * channels.at(-1)!, HIDDEN);
  const judge = dense(parameters, "score", HIDDEN, 1);
  return {
    parameters,
    score(images) {
      const maps = layers.reduce(
        (value: tf.Tensor4D, layer) => tf.leakyRelu(layer(value), 0.2),
        images,
      );
      const flat = tf.reshape(maps, [images.shape[0], -1]) as tf.Tensor2D;
      return judge(tf.leakyRelu(hidden(flat), 0.2));
    },
    [Symbol.dispose]: () => parameters[Symbol.dispose](),
  };
}
