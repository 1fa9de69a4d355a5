/**
 * The discriminator D: pix2pixHD's patch discriminator at several scales.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import { conv, instanceNorm, type Layer, normal, padImages } from "../layers/mod.ts";
import { Parameters } from "../weights/parameters.ts";
import type { Preset } from "../preset.ts";
import type { Random } from "../random.ts";
import { assertShapes } from "../shapes.ts";
import * as tf from "../tf.ts";

/** How a discriminator is built. */
export type DiscriminatorSettings = Omit<Preset["discriminator"], "condition">;

/** A network that tells real from fake images, patch by patch. */
export interface Discriminator extends Disposable {
  /** Weights by pix2pixHD's names. */
  readonly parameters: Parameters;
  /**
   * The maps of every layer at every scale; differentiable.
   *
   * @param images `[B, H, W, 3]` in `[0, 1]`
   * @param condition `[B, H, W, C]` in `[0, 1]`, if D is conditioned on pictures of C channels
   * @returns By scale, from the full size down, `layers + 2` maps `[B, h, w, C]`; the last of a scale
   * is its score `[B, h, w, 1]`, unbounded
   * @throws {TypeError} If `images` or `condition` has another shape
   */
  features(images: Images, condition?: tf.Tensor4D): tf.Tensor4D[][];
}

/** Most channels of a layer, as in pix2pixHD. */
const MOST_CHANNELS = 512;

/**
 * Builds pix2pixHD's multiscale discriminator (Wang et al. 2018), which a condition image stands before if it has
 * channels: at each scale `layers` convolutions of stride 2 and two of stride 1, kernel 4, padding 2, instance norm
 * from the second to the last but one, LeakyReLU 0.2. From scale to scale images are averaged to
 * half their size; as in pix2pixHD, `scale0` is the coarsest. Weights are drawn from N(0, 0.02). A bias
 * right before an instance norm exists, for checkpoints, but is neither added nor trained.
 *
 * @param settings Width of the first layer, layers of stride 2, scales
 * @param random Where first weights are drawn from
 * @param conditionChannels Channels of the condition image; 0 for none
 * @returns The discriminator; dispose it when done
 *
 * @example Usage
 * ```ts
 * import { createDiscriminator, createRandom } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const settings = { width: 4, layers: 2, scales: 2 };
 * using discriminator = createDiscriminator(settings, createRandom(1, "discriminator"));
 * const features = discriminator.features(tf.ones([1, 8, 8, 3]));
 * assert.deepEqual(features.map((maps) => maps.length), [4, 4]);
 * ```
 */
export function createDiscriminator(
  settings: DiscriminatorSettings,
  random: Random,
  conditionChannels = 0,
): Discriminator {
  const { scales } = settings;
  const parameters = new Parameters(random);
  const networks = Array.from(
    { length: scales },
    (_, scale) =>
      createScale(parameters, `scale${scales - 1 - scale}`, settings, conditionChannels + 3),
  );
  return {
    parameters,
    features(images, condition) {
      const { B, H, W } = assertShapes(
        "discriminate images",
        { images },
        { images: ["B", "H", "W", 3] },
      );
      let input = tf.sub(tf.mul(images, 2), 1) as tf.Tensor4D;
      if (conditionChannels > 0) {
        assertCondition(condition, [B, H, W, conditionChannels]);
        input = tf.concat([condition, input], 3);
      }
      return networks.map((layers, scale) => {
        if (scale > 0) input = averageToHalf(input);
        return applyAll(layers, input);
      });
    },
    [Symbol.dispose]() {
      parameters[Symbol.dispose]();
    },
  };
}

function assertCondition(
  condition: tf.Tensor4D | undefined,
  shape: readonly number[],
): asserts condition is tf.Tensor4D {
  const doing = "discriminate images";
  if (condition) return void assertShapes(doing, { condition }, { condition: shape });
  throw new TypeError(
    `Cannot ${doing} as \`condition\` must be [${shape.join(", ")}]: it is missing`,
  );
}

function createScale(
  parameters: Parameters,
  name: string,
  { width, layers }: DiscriminatorSettings,
  inputs: number,
): Layer[] {
  const channels = (layer: number) => Math.min(width * 2 ** layer, Math.max(width, MOST_CHANNELS));
  const options = { kernel: 4, padding: 2, initialize: normal(0.02) };
  const first = conv(parameters, `${name}_layer0.0`, inputs, width, { ...options, stride: 2 });
  const between = Array.from({ length: layers }, (_, index) => {
    const layer = conv(
      parameters,
      `${name}_layer${index + 1}.0`,
      channels(index),
      channels(index + 1),
      // The instance norm that follows takes a bias away again.
      { ...options, stride: index + 1 < layers ? 2 : 1, bias: "unused" },
    );
    return (input: tf.Tensor4D) => instanceNorm(layer(input));
  });
  const score = conv(parameters, `${name}_layer${layers + 1}.0`, channels(layers), 1, options);
  const activated = [first, ...between].map((layer): Layer => (input) =>
    tf.leakyRelu(layer(input), 0.2)
  );
  return [...activated, score];
}

function applyAll(layers: readonly Layer[], input: tf.Tensor4D): tf.Tensor4D[] {
  const maps: tf.Tensor4D[] = [];
  for (const layer of layers) maps.push(layer(maps.at(-1) ?? input));
  return maps;
}

/**
 * The mean of 3 x 3 pixels at every second one, of those that exist at the border: PyTorch's average
 * pooling of stride 2, padding 1, `count_include_pad=False`.
 */
function averageToHalf(input: tf.Tensor4D): tf.Tensor4D {
  const [, height, width] = input.shape;
  const pooled = tf.avgPool(padImages(input, 1), 3, 2, "valid");
  const rows = windowSizes(height);
  const columns = windowSizes(width);
  const corrections = rows.flatMap((row) => columns.map((column) => 9 / (row * column)));
  return tf.mul(pooled, tf.tensor4d(corrections, [1, rows.length, columns.length, 1]));
}

/** How many of the 3 pixels around every second one exist. */
function windowSizes(length: number): number[] {
  return Array.from(
    { length: Math.floor((length - 1) / 2) + 1 },
    (_, index) => Math.min(2 * index + 2, length) - Math.max(2 * index - 1, 0),
  );
}
