/**
 * The perceptual network Φ: VGG-16 or VGG-19, and its five taps.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import { IMAGENET, type Normalization, normalizeImages } from "../images.ts";
import { conv, heNormal, type Layer } from "../layers/mod.ts";
import { Parameters } from "../weights/parameters.ts";
import type { Preset, TapWeights } from "../preset.ts";
import type { Random } from "../random.ts";
import { assertShapes } from "../shapes.ts";
import * as tf from "../tf.ts";

/** How a perceptual network is built. */
export type PerceptualSettings = Omit<Preset["perceptual"], "weights">;

/** A frozen network whose features say how alike two images look. */
export interface PerceptualNetwork extends Disposable {
  /** Weights by torchvision's names. */
  readonly parameters: Parameters;
  /** The weight of each tap in L_p; absent for 1 each. */
  readonly tapWeights?: TapWeights;
  /**
   * Φ_1 to Φ_5: what a ReLU of each stage gives, e.g. VGG-16's ReLU1_2, ReLU2_2, ReLU3_3, ReLU4_3 and ReLU5_3;
   * differentiable.
   *
   * @param images `[B, H, W, 3]` in `[0, 1]`
   * @returns Five maps `[B, h, w, C]`, each half as high and wide as the one before. A map of one row
   * or column is not halved further, so that images below 16 pixels pass too
   * @throws {TypeError} If `images` has another shape
   */
  features(images: Images): tf.Tensor4D[];
}

/** Convolutions of each stage. */
const STAGE_DEPTHS = { vgg16: [2, 2, 3, 3, 3], vgg19: [2, 2, 4, 4, 4] } as const;
/** Channels of each stage, in widths. */
const STAGE_CHANNELS = [1, 2, 4, 8, 8];

/** What images are normalised by. */
const NORMALIZATIONS: Readonly<
  Record<PerceptualSettings["normalization"], Normalization | undefined>
> = {
  imagenet: IMAGENET,
  none: undefined,
  centred: { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] },
};

/**
 * Builds the convolutions of VGG-16 or VGG-19 (Simonyan & Zisserman 2014) with He's random weights; pretrained
 * ones are taken over by `parameters.import`.
 *
 * Layers behind the last tap exist, for checkpoints, but are not run.
 *
 * @param settings `architecture`, "vgg16" by default. `width` 64 is the published network; another one scales all
 * channels. `taps`: each stage's "last" ReLU (default) or its "first". `normalization` "imagenet" takes ImageNet's
 * mean and deviation of colours off, "none" leaves `[0, 1]`, "centred" gives `[-1, 1]`
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
  const stages = createStages(parameters, settings);
  const { taps: tapped = "last", tapWeights } = settings;
  return {
    parameters,
    ...(tapWeights && { tapWeights }),
    features(images) {
      const shapes = { images: ["B", "H", "W", 3] } as const;
      assertShapes("compute perceptual features", { images }, shapes);
      const taps: tf.Tensor4D[] = [];
      let input = normalize(images, settings);
      for (const [index, [layer, ...layers]] of stages.entries()) {
        const first = layer(index > 0 ? halve(input) : input);
        if (tapped === "first") taps.push(first);
        if (taps.length === stages.length) break;
        input = layers.reduce((value, layer) => layer(value), first);
        if (tapped === "last") taps.push(input);
      }
      return taps;
    },
    [Symbol.dispose]() {
      parameters[Symbol.dispose]();
    },
  };
}

function createStages(
  parameters: Parameters,
  { architecture = "vgg16", width }: PerceptualSettings,
): Layer[][] {
  let inputs = 3;
  let index = 0;
  return STAGE_DEPTHS[architecture].map((depth, stage) => {
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
  const known = NORMALIZATIONS[normalization];
  return known ? normalizeImages(images, known) : images;
}
