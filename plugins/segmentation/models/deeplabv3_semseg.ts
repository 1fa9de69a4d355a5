/**
 * DeepLabv3 laid out and named as the paper's authors have it: over PSPNet's backbone of hszhao/semseg.
 *
 * @module
 */
import type { Parameters } from "@realign/core";
import { createAtrousBranches } from "./atrous_branches.ts";
import { createDilatedResNet } from "./dilated_resnet.ts";
import { joinNetwork } from "./join_network.ts";
import { type Network, scaledChannels } from "./network.ts";
import type { SegmentationNetworkSettings } from "./pspnet.ts";

/** Dilations of the three 3x3 convolutions beside each other. */
const RATES = [6, 12, 18];

/**
 * Builds DeepLabv3 over semseg's dilated ResNet. Unlike torchvision's, it has smaller dilations, no convolution
 * between its branches and its head, and 1x1 convolutions in both heads.
 *
 * @param parameters Where the weights go: `layer0` to `layer4`, `aspp`, `cls`, `aux`
 * @param settings Depth, width, K
 * @returns The network over normalised images; logits are resized with aligned corners
 */
export function createDeepLabV3Semseg(
  parameters: Parameters,
  { depth, width, classCount }: SegmentationNetworkSettings,
): Network {
  const backbone = createDilatedResNet(parameters, { depth, width, layout: "semseg" });
  const [middle, last] = backbone.channels;
  const hidden = scaledChannels(depth === 50 ? 256 : 128, width);
  const pyramid = createAtrousBranches(parameters, "aspp", {
    inputs: last,
    outputs: hidden,
    rates: RATES,
    alignment: "corners",
  });
  const common = { hidden, classCount, first: 0, kernel: 1 } as const;
  return joinNetwork(parameters, {
    backbone,
    pyramid: pyramid.layer,
    head: ["cls", { ...common, inputs: pyramid.channels }],
    auxiliaryHead: ["aux", { ...common, inputs: middle }],
    alignment: "corners",
  });
}
