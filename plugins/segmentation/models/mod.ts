/**
 * Segmentation networks by name.
 *
 * @module
 */
import {
  IMAGENET,
  type Images,
  type Normalization,
  normalizeImages,
  Parameters,
  type Random,
  resizeImages,
  type TargetModel,
} from "@realign/core";
import { createDeepLabV3, DEEPLABV3_AUXILIARY_WEIGHT } from "./deeplabv3.ts";
import { createDeepLabV3Semseg } from "./deeplabv3_semseg.ts";
import { isOfBackbone } from "./dilated_resnet.ts";
import type { Network, SegmentationOutput, WithHeads } from "./network.ts";
import {
  createPspNet,
  PSPNET_AUXILIARY_WEIGHT,
  type SegmentationNetworkSettings,
} from "./pspnet.ts";

export type { SegmentationOutput, WithHeads } from "./network.ts";

/** A segmentation network as O, which more heads can be put on. */
export interface Segmenter extends TargetModel<SegmentationOutput> {
  /** The name of the main head's weights, e.g. "cls". */
  readonly head: string;
  /**
   * Puts more heads of the main head's form behind the same map.
   *
   * @param parameters Where their weights go, which are none of O's
   * @param heads How many channels each has, by the name of its weights
   * @returns The forward pass, with their logits under `more`, at the size of O's
   */
  withHeads(
    parameters: Parameters,
    heads: Readonly<Record<string, number>>,
  ): (images: Images, mode: "inference" | "training") => WithHeads;
}

const FAMILIES: Readonly<
  Record<string, (parameters: Parameters, settings: SegmentationNetworkSettings) => Network>
> = {
  pspnet: createPspNet,
  deeplabv3: createDeepLabV3,
  "deeplabv3-semseg": createDeepLabV3Semseg,
};

const AUXILIARY_WEIGHTS: Readonly<Record<string, number>> = {
  pspnet: PSPNET_AUXILIARY_WEIGHT,
  deeplabv3: DEEPLABV3_AUXILIARY_WEIGHT,
  "deeplabv3-semseg": PSPNET_AUXILIARY_WEIGHT,
};

const NAME = /^(pspnet|deeplabv3)-resnet(18|50)(-semseg)?(?:-w(\d+(?:\.\d+)?))?$/;

/** Takes a name apart; throws RangeError for one that there is not. */
function parse(architecture: string): readonly [family: string, depth: 18 | 50, width: number] {
  const [, network, depth, layout = "", width = "1"] = NAME.exec(architecture) ?? [];
  const family = `${network}${layout}`;
  if (!Object.hasOwn(FAMILIES, family) || !(Number(width) > 0)) {
    throw new RangeError(
      `Cannot build the segmentation network as its name must be pspnet-resnet18, pspnet-resnet50, deeplabv3-resnet18, deeplabv3-resnet50 or deeplabv3-resnet50-semseg, and for a share of the channels e.g. pspnet-resnet18-w0.25: current value is "${architecture}"`,
    );
  }
  return [family, Number(depth) as 18 | 50, Number(width)];
}

/**
 * Builds a segmentation network, its weights drawn at random. Images are resized to its size and
 * normalised by ImageNet's mean and deviation inside.
 *
 * @param architecture `pspnet-resnet50`, `pspnet-resnet18`, `deeplabv3-resnet50`, `deeplabv3-resnet18`, and
 * `deeplabv3-resnet50-semseg`, the paper's authors' own, each also with a share of the channels, as in
 * `pspnet-resnet18-w0.25`
 * @param classCount K
 * @param imageSize `[height, width]` of the network's input, and of its logits
 * @param random Where the first weights are drawn from
 * @param own What images are normalised by in place of ImageNet's mean and deviation
 * @returns The network, to be disposed of by the caller
 * @throws {RangeError} If no architecture has that name
 *
 * @example Usage
 * ```ts
 * import { createSegmenter } from "@realign/segmentation";
 * import { createRandom } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * using segmenter = createSegmenter("pspnet-resnet18-w0.1", 3, [17, 17], createRandom(1));
 * const { logits, features } = segmenter.forward(tf.zeros([1, 16, 16, 3]));
 * assert.deepEqual([logits.shape, features.shape], [[1, 17, 17, 3], [1, 3, 3, 12]]);
 * ```
 */
export function createSegmenter(
  architecture: string,
  classCount: number,
  imageSize: readonly [number, number],
  random: Random,
  own?: Normalization,
): Segmenter {
  const [family, depth, width] = parse(architecture);
  const parameters = new Parameters(random);
  const network = FAMILIES[family](parameters, { depth, width, classCount });
  const fitted = (images: Images) =>
    normalizeImages(resizeImages(images, imageSize), own ?? IMAGENET);
  return {
    name: architecture,
    normalization: own,
    parameters,
    head: network.head,
    isHead: (name) => !isOfBackbone(name),
    forward: (images, mode = "inference") => network.forward(fitted(images), mode),
    withHeads(parameters, heads) {
      const pass = network.withHeads(parameters, heads);
      return (images, mode) => pass(fitted(images), mode);
    },
    [Symbol.dispose]: () => parameters[Symbol.dispose](),
  };
}

/**
 * The weight of the auxiliary head's loss in training: 0.4 for PSPNet and semseg's DeepLabv3, 0.5 for torchvision's
 * DeepLabv3, as in its reference training.
 *
 * @param architecture A name that {@linkcode createSegmenter} takes
 * @returns The weight
 * @throws {RangeError} If no architecture has that name
 *
 * @example Usage
 * ```ts
 * import { auxiliaryWeight } from "@realign/segmentation";
 * import assert from "node:assert/strict";
 *
 * assert.equal(auxiliaryWeight("pspnet-resnet50"), 0.4);
 * ```
 */
export function auxiliaryWeight(architecture: string): number {
  return AUXILIARY_WEIGHTS[parse(architecture)[0]];
}
