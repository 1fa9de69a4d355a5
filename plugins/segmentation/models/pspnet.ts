/**
 * PSPNet (Zhao et al. 2017), laid out and named as in hszhao/semseg.
 *
 * @module
 */
import type { Parameters } from "@realign/core";
import { createDilatedResNet } from "./dilated_resnet.ts";
import { joinNetwork } from "./join_network.ts";
import type { Network } from "./network.ts";
import { createPyramidPooling } from "./pyramid_pooling.ts";

/** What semseg weights the auxiliary head's loss by. */
export const PSPNET_AUXILIARY_WEIGHT = 0.4;

/** How a segmentation network is built. */
export interface SegmentationNetworkSettings {
  readonly depth: 18 | 50;
  /** Share of the published channels. */
  readonly width: number;
  readonly classCount: number;
}

/**
 * Builds PSPNet over a dilated ResNet. Its heads have a quarter of their map's channels: 512 and 256
 * over ResNet-50, as published; ResNet-18 follows the same rule.
 *
 * @param parameters Where the weights go: `layer0` to `layer4`, `ppm`, `cls`, `aux`
 * @param settings Depth, width, K
 * @returns The network over normalised images; logits are resized with aligned corners
 */
export function createPspNet(
  parameters: Parameters,
  { depth, width, classCount }: SegmentationNetworkSettings,
): Network {
  const backbone = createDilatedResNet(parameters, { depth, width, layout: "semseg" });
  const [middle, last] = backbone.channels;
  const pyramid = createPyramidPooling(parameters, "ppm", last);
  const hidden = (channels: number) => Math.max(1, Math.floor(channels / 4));
  const common = { classCount, first: 0 } as const;
  return joinNetwork(parameters, {
    backbone,
    pyramid: pyramid.layer,
    head: ["cls", { ...common, inputs: pyramid.channels, hidden: hidden(last) }],
    auxiliaryHead: ["aux", { ...common, inputs: middle, hidden: hidden(middle) }],
    alignment: "corners",
  });
}
