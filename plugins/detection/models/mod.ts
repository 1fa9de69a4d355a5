/**
 * Detectors by name.
 *
 * @module
 */
import { type Normalization, Parameters, type Random, type TargetModel } from "@realign/core";
import * as tf from "@realign/core/tf";
import {
  listPriors,
  type PriorLayout,
  smallLayout,
  torchvisionLayout,
  vocLayout,
} from "../priors.ts";
import { createHeads } from "./heads.ts";
import { amdegrootNames, type DetectorNames, torchvisionNames } from "./names.ts";
import {
  type DetectionOutput,
  PIXEL_DEVIATION,
  type Preparation,
  prepareImages,
  VGG_MEAN,
} from "./network.ts";
import { createRfbNet } from "./rfbnet.ts";
import { createSsd, type FeatureNetwork, ssdGeometry } from "./ssd.ts";
import type { LayerSettings } from "./vgg.ts";

export type { DetectionOutput } from "./network.ts";

/** What a family of detectors makes of a name. */
interface Blueprint {
  readonly size: number;
  readonly layout: PriorLayout;
  readonly names: Pick<DetectorNames, "classes" | "offsets">;
  readonly preparation: Omit<Preparation, "deviation">;
  readonly build: (parameters: Parameters) => FeatureNetwork;
}

interface Family {
  /** How its names are written, for people. */
  readonly form: string;
  /** Its size is the first group. */
  readonly pattern: RegExp;
  readonly plan: (size: number, settings: LayerSettings) => Blueprint | undefined;
}

/** torchvision's mean is .48235, .45882 and .40784 of 255: the same integers but for their last digits. */
const TORCHVISION: Blueprint["preparation"] = {
  mean: [0.48235 * 255, 0.45882 * 255, 0.40784 * 255],
  bgr: false,
};
const SSD_RATIOS = [[2], [2, 3], [2, 3], [2, 3], [2], [2]];
const RFB_RATIOS = [[2, 3], [2, 3], [2, 3], [2, 3], [2], [2]];

/** Sizes besides the published 300, for smaller pictures. */
const isSmall = (size: number) => size % 64 === 0 && size >= 64 && size <= 256;

const FAMILIES: readonly Family[] = [
  {
    form: "ssd300-vgg16, ssd64-vgg16 to ssd256-vgg16",
    pattern: /^ssd(\d+)-vgg16$/,
    plan(size, settings) {
      if (size !== 300 && !isSmall(size)) return undefined;
      const geometry = ssdGeometry(size);
      return {
        size,
        layout: size === 300 ? torchvisionLayout() : smallLayout(geometry.cells),
        names: torchvisionNames,
        preparation: TORCHVISION,
        build: (parameters) => createSsd(parameters, torchvisionNames, settings, geometry),
      };
    },
  },
  {
    form: "ssd300-amdegroot",
    pattern: /^ssd(300)-amdegroot$/,
    plan: (size, settings) => ({
      size,
      layout: vocLayout(SSD_RATIOS),
      names: amdegrootNames,
      preparation: { mean: VGG_MEAN, bgr: false },
      build: (parameters) => createSsd(parameters, amdegrootNames, settings, ssdGeometry(size)),
    }),
  },
  {
    form: "rfb300-vgg16, rfb64-vgg16 to rfb256-vgg16",
    pattern: /^rfb(\d+)-vgg16$/,
    plan(size, settings) {
      if (size !== 300 && !isSmall(size)) return undefined;
      const geometry = ssdGeometry(size);
      return {
        size,
        layout: size === 300 ? vocLayout(RFB_RATIOS) : smallLayout(geometry.cells),
        names: amdegrootNames,
        preparation: { mean: VGG_MEAN, bgr: true },
        build: (parameters) => createRfbNet(parameters, settings, geometry),
      };
    },
  },
];

/** What follows a family's name: "-bn" and "-w" with the width. */
const SUFFIX = /^(.+?)(-bn)?(?:-w(\d*\.?\d+))?$/;

type Plan = Blueprint & { readonly preparation: Preparation };

function findPlan(architecture: string): Plan | undefined {
  const [, family = "", norm, width = "1"] = SUFFIX.exec(architecture) ?? [];
  const settings = { width: Number(width), batchNorm: norm !== undefined };
  for (const { pattern, plan } of FAMILIES) {
    const size = pattern.exec(family)?.[1];
    const blueprint = size && settings.width > 0 && plan(Number(size), settings);
    if (!blueprint) continue;
    const deviation = settings.batchNorm ? PIXEL_DEVIATION : 1;
    return { ...blueprint, preparation: { ...blueprint.preparation, deviation } };
  }
  return undefined;
}

/** The priors of an architecture of {@linkcode createDetector}; undefined if none has that name. */
export function priorsOf(architecture: string): PriorLayout | undefined {
  return findPlan(architecture)?.layout;
}

function planOf(architecture: string): Plan {
  const found = findPlan(architecture);
  if (found) return found;
  const forms = FAMILIES.map(({ form }) => form).join(", ");
  throw new RangeError(
    `Cannot build the detector as its name must be one of ${forms}, then "-bn" for batch norm and "-w0.25" for another width: current value is "${architecture}"`,
  );
}

/**
 * Builds a detector, its weights drawn at random.
 *
 * - `ssd300-vgg16`: priors and names of torchvision's `ssd300_vgg16`; `ssd64-vgg16` to `ssd256-vgg16` for
 *   smaller pictures, by multiples of 64, with priors that suit them.
 * - `ssd300-amdegroot`: priors for VOC and names of amdegroot/ssd.pytorch.
 * - `rfb300-vgg16`: RFBNet300 with the names of ruinmessi/RFBNet; images go in as blue, green, red. `rfb64-vgg16` to
 *   `rfb256-vgg16` for smaller pictures, with SSD's priors for them.
 *
 * "-bn" puts batch norms after the convolutions and scales pixels, "-w0.25" takes a quarter of the channels. Images of
 * another size are resized inside, pixels are taken less VGG's mean.
 *
 * @param architecture A name, such as "ssd300-vgg16" or "ssd128-vgg16-bn-w0.25"
 * @param classCount K, without the background
 * @param random Where the first weights are drawn from
 * @param imageSize `[height, width]` that the architecture must take; any unless given
 * @param own Mean and deviation of red, green and blue in [0, 1] in place of the architecture's own; the
 * order of its channels stays
 * @returns The detector, to be disposed of by the caller
 * @throws {RangeError} If no architecture has that name, or it takes another size
 *
 * @example Usage
 * ```ts
 * import { createDetector } from "@realign/detection";
 * import { createRandom } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * using detector = createDetector("ssd64-vgg16-w0.0625", 3, createRandom(1));
 * const { logits, offsets, features } = detector.forward(tf.zeros([1, 32, 32, 3]));
 * assert.deepEqual(logits.shape, [1, 457, 3 + 1]);
 * assert.deepEqual(offsets.shape, [1, 457, 4]);
 * assert.deepEqual(features.shape, [1, 4, 4, 64]);
 * ```
 */
export function createDetector(
  architecture: string,
  classCount: number,
  random: Random,
  imageSize?: readonly [number, number],
  own?: Normalization,
): TargetModel<DetectionOutput> {
  const { size, layout, names, preparation, build } = planOf(architecture);
  if (imageSize && imageSize.some((side) => side !== size)) {
    throw new RangeError(
      `Cannot build "${architecture}" as target.size must be ${size}x${size}: current value is ${
        imageSize.join("x")
      }`,
    );
  }
  const parameters = new Parameters(random);
  const { channels, run } = build(parameters);
  const heads = createHeads(parameters, names, channels, layout, classCount);
  const priors = listPriors(layout);
  return {
    name: architecture,
    normalization: own,
    parameters,
    forward(images, mode = "inference") {
      const { features, sources } = run(prepareImages(images, size, preparation, own), mode);
      const one = tf.tensor3d(priors, [1, priors.length / 4, 4]);
      return { ...heads(sources), features, priors: tf.tile(one, [images.shape[0], 1, 1]) };
    },
    [Symbol.dispose]: () => parameters[Symbol.dispose](),
  };
}
