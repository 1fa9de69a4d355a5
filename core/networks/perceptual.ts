/**
 * The perceptual network Φ: VGG-16 and its five taps.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import { IMAGENET, normalizeImages } from "../images.ts";
import { conv, heNormal, type Layer } from "../layers/mod.ts";
import { Parameters } from "../weights/parameters.ts";
import type { Preset } from "../preset.ts";
import type { Random } from "../random.ts";
import { assertShapes } from "../shapes.ts";
import * as tf from "../tf.ts";

/** How a perceptual network is built. */
export type PerceptualSettings = Pick<Preset["perceptual"], "width" | "normalization">;

/** A frozen network whose features say how alike two images look. */
export interface PerceptualNetwork extends Disposable {
  /** Weights by torchvision's names. */
  readonly parameters: Parameters;
  /**
   * Φ_1 to Φ_5: what ReLU1_2, ReLU2_2, ReLU3_3, ReLU4_3 and ReLU5_3 give; differentiable.
   *
   * @param images `[B, H, W, 3]` in `[0, 1]`
   * @returns Five maps `[B, h, w, C]`, each half as high and wide as the one before. A map of one row
   * or column is not halved further, so that images below 16 pixels pass too
   * @throws {TypeError} If `images` has another shape
   */
  features(images: Images): tf.Tensor4D[];
}

/** Convolutions of each stage. */
const STAGE_DEPTHS = [2, 2, 3, 3, 3];
/** Channels of each stage, in widths. */
const STAGE_CHANNELS = [1, 2, 4, 8, 8];

/**
 * Builds the convolutions of VGG-16 (Simonyan & Zisserman 2014) with He's random weights; pretrained
 * ones are taken over by `parameters.import`.
 *
 * @param settings `width` 64 is VGG-16; another one scales all channels. `normalization` "imagenet"
 * takes ImageNet's mean and deviation of colours off, "none" leaves `[0, 1]`
 * @param random Where first weights are drawn from
 * @returns The network; dispose it when done
 *
 * @example Usage
 * ```ts
 * import { createPerceptual, createRandom } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const settings = { width: 2, normalization: "imagenet" } as const;
 * using perceptual = createPerceptual(settings, createRandom(1, "perceptual"));
 * const features = perceptual.features(tf.ones([1, 16, 16, 3]));
 * assert.deepEqual(features.map(({ shape }) => shape[1]), [16, 8, 4, 2, 1]);
 * ```
 */
export function createPerceptual(settings: PerceptualSettings, random: Random): PerceptualNetwork {
  const parameters = new Parameters(random);
  const stages = createStages(parameters, settings.width);
  return {
    parameters,
    features(images) {
      const shapes = { images: ["B", "H", "W", 3] } as const;
      assertShapes("compute perceptual features", { images }, shapes);
      const taps: tf.Tensor4D[] = [];
      for (const stage of stages) {
        const input = taps.length > 0 ? halve(taps[taps.length - 1]) : normalize(images, settings);
        taps.push(stage.reduce((value, layer) => layer(value), input));
      }
      return taps;
    },
    [Symbol.dispose]() {
      parameters[Symbol.dispose]();
    },
  };
}

function createStages(parameters: Parameters, width: number): Layer[][] {
  let inputs = 3;
  let index = 0;
  return STAGE_DEPTHS.map((depth, stage) => {
    const layers = Array.from({ length: depth }, (): Layer => {
      const outputs = width * STAGE_CHANNELS[stage];
      const options = { kernel: 3, initialize: heNormal("in") };
      const layer = conv(parameters, `features.${index}`, inputs, outputs, options);
      inputs = outputs;
      index += 2; // torchvision counts the ReLU
      return (input) => tf.relu(layer(input));
    });
    index += 1; // and the pooling
    return layers;
  });
}

function halve(input: tf.Tensor4D): tf.Tensor4D {
  const [, height, width] = input.shape;
  return Math.min(height, width) < 2 ? input : tf.maxPool(input, 2, 2, "valid");
}

function normalize(images: Images, { normalization }: PerceptualSettings): tf.Tensor4D {
  if (normalization === "none") return images;
  return normalizeImages(images, IMAGENET);
}
