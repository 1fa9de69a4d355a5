/**
 * The generator G: pix2pixHD's Global Generator, from images to images.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import { recomputed } from "../backend/recompute.ts";
import { resizeImages } from "../images.ts";
import {
  constant,
  conv,
  heNormal,
  instanceNorm,
  type Layer,
  layerNorm,
  normal,
  repeatPixels,
  upConv,
} from "../layers/mod.ts";
import { Parameters } from "../weights/parameters.ts";
import type { Preset } from "../preset.ts";
import type { Random } from "../random.ts";
import { assertShapes } from "../shapes.ts";
import * as tf from "../tf.ts";

/** How a generator is built. */
export type GeneratorSettings = Preset["generator"];

/** A network that restores images. */
export interface Generator extends Disposable {
  /** Weights by pix2pixHD's names, so that its checkpoints fit. */
  readonly parameters: Parameters;
  /**
   * Restores a batch; differentiable. Images of another size than the generator's are resized
   * bilinearly before and back after it.
   *
   * @param images `[B, H, W, 3]` in `[0, 1]`
   * @returns Images of the same shape in `[0, 1]`
   * @throws {TypeError} If `images` has another shape
   */
  restore(images: Images): Images;
  /**
   * Restores images of the generator's own size; differentiable.
   *
   * @param images `[B, h, w, 3]` in `[0, 1]`
   * @returns Images of the same shape in `[0, 1]`
   */
  translate(images: Images): Images;
  /**
   * Resizes images as `restore` does before and after it.
   *
   * @param images `[B, H, W, 3]`
   * @param size `[height, width]`. Default: the generator's own
   */
  resize(images: Images, size?: readonly [number, number]): Images;
}

/**
 * Builds pix2pixHD's Global Generator (Wang et al. 2018): a 7 x 7 convolution, `downsamplings`
 * convolutions of stride 2 that double the channels, `blocks` residual blocks, as many upsamplings,
 * and a 7 x 7 convolution with tanh. Weights are drawn from N(0, 0.02).
 *
 * With `skip` the output of tanh is added to the input, and the sum clipped to `[0, 1]`; the last convolution's weights
 * then begin at 0, and G as the identity. "transposed" upsampling is pix2pixHD's; "resize" repeats pixels and convolves, which leaves no
 * checkerboards. With instance norm a bias right before it has no effect: those weights exist, for
 * checkpoints, but are neither added nor trained.
 *
 * @param settings Width, blocks, downsamplings, norm, upsampling and `[height, width]`
 * @param random Where first weights are drawn from
 * @param options `recompute`: layers are computed again in the backward pass, to save memory
 * @returns The generator; dispose it when done
 * @throws {RangeError} If a side of the size is not a multiple of 2^downsamplings, or too small to
 * be padded by reflection
 *
 * @example Usage
 * ```ts
 * import { createGenerator, createRandom } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * using generator = createGenerator({
 *   width: 4,
 *   blocks: 1,
 *   downsamplings: 1,
 *   norm: "instance",
 *   upsampling: "transposed",
 *   size: [8, 8],
 * }, createRandom(1, "generator"));
 * assert.deepEqual(generator.restore(tf.ones([2, 8, 8, 3])).shape, [2, 8, 8, 3]);
 * ```
 */
export function createGenerator(
  settings: GeneratorSettings,
  random: Random,
  { recompute = false }: { readonly recompute?: boolean } = {},
): Generator {
  assertGeneratorSize(settings);
  const parameters = new Parameters(random);
  const layers = createLayers(parameters, settings, recompute);
  const resize = (images: Images, size = settings.size) =>
    resizeImages(images, size, settings.resize);
  const translate = (images: Images): Images => {
    const centred = tf.sub(tf.mul(images, 2), 1) as Images;
    const output = layers.reduce((value, layer) => layer(value), centred);
    if (settings.skip) return tf.clipByValue(tf.add(images, output), 0, 1);
    return tf.mul(tf.add(output, 1), 0.5) as Images;
  };
  return {
    parameters,
    restore(images) {
      const { H, W } = assertShapes("restore images", { images }, { images: ["B", "H", "W", 3] });
      return resize(translate(resize(images)), [H, W]);
    },
    translate,
    resize,
    [Symbol.dispose]() {
      parameters[Symbol.dispose]();
    },
  };
}

function createLayers(
  parameters: Parameters,
  settings: GeneratorSettings,
  recompute: boolean,
): Layer[] {
  const { width, blocks, downsamplings } = settings;
  const normalized = settings.norm !== "none";
  // pix2pixHD's small weights rely on the norms; without them signals must keep their size by themselves.
  const initialize = normalized ? normal(0.02) : heNormal("in");
  // A norm stands right behind its convolution, and is named by the place that pix2pixHD's takes.
  const norm = (name: string, size: number): Layer => {
    if (settings.norm === "layer") return layerNorm(parameters, name, size);
    return settings.norm === "instance" ? (input) => instanceNorm(input) : (input) => input;
  };
  const common = { initialize, bias: settings.norm === "instance" ? "unused" as const : true };
  const reflected = { ...common, kernel: 3, paddingMode: "reflect" } as const;
  const activated = (layer: Layer, name: string, size: number): Layer => {
    const normalize = norm(name, size);
    return (input) => tf.relu(normalize(layer(input)));
  };
  const channels = (level: number) => width * 2 ** level;

  const residual = (name: string): Layer => {
    const size = channels(downsamplings);
    const block = `${name}.conv_block`;
    const convolve = (index: number) =>
      conv(parameters, `${block}.${index}`, size, size, reflected);
    const first = activated(convolve(1), `${block}.2`, size);
    const second = convolve(5);
    const normalize = norm(`${block}.6`, size);
    return (input) => tf.add(input, normalize(second(first(input))));
  };
  const upsample = (name: string, inputs: number, outputs: number): Layer => {
    if (settings.upsampling === "transposed") {
      // A transposed convolution's kernel has its inputs last.
      return upConv(parameters, name, inputs, outputs, {
        ...common,
        initialize: normalized ? initialize : heNormal("out"),
      });
    }
    const layer = conv(parameters, name, inputs, outputs, { ...common, kernel: 3 });
    return (input) => layer(repeatPixels(input));
  };

  const layers: Layer[] = [];
  const add = (make: () => Layer): void => {
    const before = parameters.trainable.length;
    const layer = make();
    layers.push(recompute ? recomputed(layer, parameters.trainable.slice(before)) : layer);
  };
  // Names count the modules of pix2pixHD's Sequential: padding, norm and activation take a number too.
  const stem = { ...reflected, kernel: 7 };
  add(() => activated(conv(parameters, "model.1", 3, width, stem), "model.2", width));
  let index = 4;
  for (let level = 0; level < downsamplings; level++, index += 3) {
    const options = { ...common, kernel: 3, stride: 2 };
    const [inputs, outputs] = [channels(level), channels(level + 1)];
    const convolve = () => conv(parameters, `model.${index}`, inputs, outputs, options);
    add(() => activated(convolve(), `model.${index + 1}`, outputs));
  }
  for (let block = 0; block < blocks; block++, index++) add(() => residual(`model.${index}`));
  for (let level = downsamplings; level > 0; level--, index += 3) {
    const [inputs, outputs] = [channels(level), channels(level - 1)];
    add(() =>
      activated(upsample(`model.${index}`, inputs, outputs), `model.${index + 1}`, outputs)
    );
  }
  // Added to its input, G begins as the identity, which O reads from the first step on.
  const begin = settings.skip ? { initialize: constant(0) } : {};
  add(() => {
    const name = `model.${index + 1}`;
    const last = conv(parameters, name, width, 3, { ...stem, ...begin, bias: true });
    return (input) => tf.tanh(last(input));
  });
  return layers;
}

/**
 * Fails unless a generator can be built for its pictures.
 *
 * @param settings Its `size` and `downsamplings` count
 * @throws {RangeError} If a side is not a multiple of 2^downsamplings, or too small to reflect
 *
 * @example Usage
 * ```ts
 * import { assertGeneratorSize } from "./generator.ts";
 * import assert from "node:assert/strict";
 *
 * assertGeneratorSize({ size: [512, 512], downsamplings: 4 });
 * assert.throws(() => assertGeneratorSize({ size: [500, 500], downsamplings: 4 }), RangeError);
 * ```
 */
export function assertGeneratorSize(
  { size, downsamplings }: Pick<GeneratorSettings, "size" | "downsamplings">,
): void {
  const multiple = 2 ** downsamplings;
  // Reflection takes 3 pixels beyond the border at full size, and 1 in the residual blocks.
  const least = Math.max(4, 2 * multiple);
  if (size.some((side) => side % multiple !== 0 || side < least)) {
    throw new RangeError(
      `Cannot build a generator with ${downsamplings} downsamplings as both sides of its size must be multiples of ${multiple} and at least ${least}: current value is [${
        size.join(", ")
      }]`,
    );
  }
}
