/**
 * The network of the Feature Pyramid Decoder: an encoder whose four maps are decoded to an image.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import { resizeImages } from "../images.ts";
import { conv, type Layer, uniformByFanIn } from "../layers/mod.ts";
import { sameUpConv } from "../layers/same_conv.ts";
import type { Random } from "../random.ts";
import type { Restorer } from "../recipes/restorer.ts";
import * as tf from "../tf.ts";
import { Parameters } from "../weights/parameters.ts";
import { createEncoder, type EncoderSettings } from "./resnet_encoder.ts";

/** How the network is built. */
export interface FpdSettings extends EncoderSettings {
  /** Whether the image's own {@linkcode gramTerm} is added to what is decoded. */
  readonly front: boolean;
}

/**
 * Mixes the channels of every image by how they go together over its pixels: with x as `[C, H W]`, (x xᵀ) x / (H W). It
 * has no weights.
 *
 * @param input `[B, H, W, C]`
 * @returns `[B, H, W, C]`; of α input, α³ times as much
 *
 * @example Usage
 * ```ts
 * import { gramTerm } from "@realign/core/recipes";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const pixel = tf.tensor4d([1, 2, 0], [1, 1, 1, 3]);
 * assert.deepEqual([...gramTerm(pixel).dataSync()], [5, 10, 0]);
 * ```
 */
export function gramTerm(input: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, channels] = input.shape;
  const pixels: tf.Tensor3D = tf.reshape(input, [batch, height * width, channels]);
  const gram = tf.matMul(pixels, pixels, true, false);
  const mixed = tf.matMul(pixels, gram);
  return tf.reshape(tf.div(mixed, height * width), [batch, height, width, channels]);
}

const denoise: Layer = (input) => tf.add(input, gramTerm(input));

/**
 * Builds the Feature Pyramid Decoder (Li et al. 2020) as a restorer: a ResNet with ELU, its maps denoised by x +
 * {@linkcode gramTerm} behind the stem and the first stage, and a decoder that goes from its smallest map to its largest
 * one and on to an image. The decoder has 1,643,907 weights with `resnet50` or `resnet101` at width 64.
 *
 * The image is neither normalised before nor bounded by an activation behind; in inference it is clipped.
 *
 * @param settings Encoder, its width (a multiple of 4), `front`
 * @param random Where first weights are drawn from
 * @returns The network; it takes any size. Dispose it when done
 * @throws {RangeError} If the width is no multiple of 4
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { createFpd } from "@realign/core/recipes";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * using restorer = createFpd({ encoder: "resnet18", width: 4, front: true }, createRandom(1));
 * assert.deepEqual(restorer.restore(tf.zeros([1, 9, 6, 3])).shape, [1, 9, 6, 3]);
 * ```
 */
export function createFpd(settings: FpdSettings, random: Random): Restorer {
  const { front, width } = settings;
  if (width % 4 !== 0) {
    throw new RangeError(
      `Cannot build the decoder as width must be a multiple of 4: current value is ${width}`,
    );
  }
  const parameters = new Parameters(random);
  const { channels, encode } = createEncoder(parameters, settings, denoise);
  const decode = createDecoder(parameters, channels, width);
  return {
    parameters,
    restore(images, mode = "inference") {
      const [batch, height, columns] = images.shape;
      // Sides that 4 does not divide come back longer.
      const decoded = tf.slice(decode(encode(images, mode)), [0, 0, 0, 0], [
        batch,
        height,
        columns,
        3,
      ]);
      const restored: Images = front ? tf.add(decoded, gramTerm(images)) : decoded;
      return mode === "training" ? restored : tf.clipByValue(restored, 0, 1);
    },
    [Symbol.dispose]: () => parameters[Symbol.dispose](),
  };
}

function createDecoder(
  parameters: Parameters,
  channels: readonly number[],
  width: number,
): (maps: readonly tf.Tensor4D[]) => tf.Tensor4D {
  const initialize = uniformByFanIn;
  const levels = channels.map((inputs, stage) =>
    conv(parameters, `decoder.lateral${stage + 2}`, inputs, 4 * width, { kernel: 1, initialize })
  );
  const up = (name: string, inputs: number, outputs: number) =>
    sameUpConv(parameters, `decoder.${name}`, inputs, outputs, { kernel: 2, initialize });
  const rest = [
    conv(parameters, "decoder.smooth", 4 * width, 4 * width, { kernel: 3, initialize }),
    up("up1", 4 * width, width),
    up("up2", width, width / 4),
    conv(parameters, "decoder.last", width / 4, 3, { kernel: 1, initialize }),
  ];
  return (maps) => {
    const laterals = maps.map((map, stage) => levels[stage](map));
    const merged = laterals.reduceRight((small, large) =>
      tf.add(large, resizeImages(small, [large.shape[1], large.shape[2]]))
    );
    return rest.reduce((input, layer) => layer(input), merged);
  };
}
