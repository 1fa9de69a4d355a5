/**
 * DeepLabv3 (Chen et al. 2017), laid out and named as torchvision's deeplabv3_resnet50.
 *
 * @module
 */
import type { Parameters } from "@realign/core";
import { heNormal, type ModalLayer } from "@realign/core/layers";
import { createDilatedResNet } from "./dilated_resnet.ts";
import { createAtrousBranches } from "./atrous_branches.ts";
import { joinNetwork } from "./join_network.ts";
import { convNormRelu, type Network, scaledChannels } from "./network.ts";
import type { SegmentationNetworkSettings } from "./pspnet.ts";

/** What torchvision's reference training weights the auxiliary head's loss by. */
export const DEEPLABV3_AUXILIARY_WEIGHT = 0.5;

/** Dilations of the three 3x3 convolutions beside each other. */
const RATES = [12, 24, 36];

/** Atrous spatial pyramid pooling: branches beside each other, then a 1x1 convolution of them all. */
function createAtrousPyramid(
  parameters: Parameters,
  name: string,
  inputs: number,
  outputs: number,
): ModalLayer {
  const branches = createAtrousBranches(parameters, name, {
    inputs,
    outputs,
    rates: RATES,
    alignment: "edges",
  });
  const project = convNormRelu(
    parameters,
    { conv: `${name}.project.0`, norm: `${name}.project.1` },
    branches.channels,
    outputs,
    { kernel: 1, initialize: heNormal("out") },
  );
  return (map, mode) => project(branches.layer(map, mode), mode);
}

/**
 * Builds DeepLabv3 over a dilated ResNet: 256 channels in its head over ResNet-50, as published, and
 * 128 over ResNet-18.
 *
 * @param parameters Where the weights go: `backbone`, `classifier`, `aux_classifier`
 * @param settings Depth, width, K
 * @returns The network over normalised images; logits are resized as torchvision does
 */
export function createDeepLabV3(
  parameters: Parameters,
  { depth, width, classCount }: SegmentationNetworkSettings,
): Network {
  const backbone = createDilatedResNet(parameters, { depth, width, layout: "torchvision" });
  const [middle, last] = backbone.channels;
  const hidden = scaledChannels(depth === 50 ? 256 : 128, width);
  const pyramid = createAtrousPyramid(parameters, "classifier.0", last, hidden);
  return joinNetwork(parameters, {
    backbone,
    pyramid,
    head: ["classifier", { inputs: hidden, hidden, classCount, first: 1 }],
    auxiliaryHead: ["aux_classifier", {
      inputs: middle,
      hidden: Math.max(1, Math.floor(middle / 4)),
      classCount,
      first: 0,
    }],
    alignment: "edges",
  });
}
