/**
 * ResNet-50 (He et al., 2015), laid out and named as in torchvision (the stride of a block is in its
 * 3x3 convolution), with stems for ImageNet's, for 64x64 and for CIFAR's images.
 *
 * @module
 */
import type { Parameters } from "@realign/core";
import { convNorm, dense, heNormal, type ModalLayer, padImages } from "@realign/core/layers";
import * as tf from "@realign/core/tf";
import { globalAveragePool, type Network } from "./network.ts";

/**
 * The first convolution. "imagenet": 7x7, stride 2, then max pooling by 2 (224 pixels to 56);
 * "64": 3x3, stride 2 (64 to 32); "cifar": 3x3, stride 1 (32 to 32).
 */
export type Stem = "imagenet" | "64" | "cifar";

const STEMS: Readonly<
  Record<Stem, { readonly kernel: number; readonly stride: number; readonly pool: boolean }>
> = {
  imagenet: { kernel: 7, stride: 2, pool: true },
  "64": { kernel: 3, stride: 2, pool: false },
  cifar: { kernel: 3, stride: 1, pool: false },
};

/** Whose names weights have: torchvision's, or those of kuangliu/pytorch-cifar, which the paper's authors use. */
export type Naming = "torchvision" | "kuangliu";

const NAMES: Readonly<Record<Naming, { readonly shortcut: string; readonly last: string }>> = {
  torchvision: { shortcut: "downsample", last: "fc" },
  kuangliu: { shortcut: "shortcut", last: "linear" },
};

/** 1x1, 3x3 and 1x1 convolutions with batch norm beside a shortcut. */
function bottleneck(
  parameters: Parameters,
  name: string,
  shortcut: string,
  inputs: number,
  width: number,
  stride: number,
): ModalLayer {
  const outputs = 4 * width;
  const initialize = heNormal("out");
  const layer = (index: number, from: number, to: number, kernel: number, step = 1) => {
    const names = { conv: `${name}.conv${index}`, norm: `${name}.bn${index}` };
    return convNorm(parameters, names, from, to, { kernel, stride: step, initialize });
  };
  const conv1 = layer(1, inputs, width, 1);
  const conv2 = layer(2, width, width, 3, stride);
  const conv3 = layer(3, width, outputs, 1);
  const names = { conv: `${name}.${shortcut}.0`, norm: `${name}.${shortcut}.1` };
  const project = inputs === outputs
    ? undefined
    : convNorm(parameters, names, inputs, outputs, { kernel: 1, stride, initialize });
  return (input, mode) => {
    const narrow = tf.relu(conv2(tf.relu(conv1(input, mode)), mode));
    return tf.relu(tf.add(project ? project(input, mode) : input, conv3(narrow, mode)));
  };
}

/** How wide and deep a bottleneck ResNet is, and what its weights are called. */
export interface BottleneckSizes {
  /** Channels of the stem. @default {64} */
  readonly width?: number;
  /** Blocks in each of the four groups. @default {[3, 4, 6, 3]} */
  readonly blocks?: readonly number[];
  /** @default {"torchvision"} */
  readonly naming?: Naming;
}

/**
 * Builds ResNet-50; features have 2048 numbers.
 *
 * @param parameters Where the weights go, by torchvision's names, `conv1`, `bn1`, `layer1.0.conv1`, ..., `fc`, or as `sizes` say
 * @param classCount K
 * @param stem How the first layer takes images in
 * @param sizes ResNet-50's as a rule; smaller ones for tests
 * @returns The network over normalised images
 */
export function createResNet50(
  parameters: Parameters,
  classCount: number,
  stem: Stem,
  sizes: BottleneckSizes = {},
): Network {
  const { width = 64, blocks = [3, 4, 6, 3], naming = "torchvision" } = sizes;
  const { shortcut, last } = NAMES[naming];
  const { kernel, stride, pool } = STEMS[stem];
  const conv1 = convNorm(parameters, { conv: "conv1", norm: "bn1" }, 3, width, {
    kernel,
    stride,
    initialize: heNormal("out"),
  });
  const body: ModalLayer[] = [];
  let channels = width;
  for (const [group, count] of blocks.entries()) {
    for (let index = 0; index < count; index++) {
      const first = group > 0 && index === 0;
      body.push(
        bottleneck(
          parameters,
          `layer${group + 1}.${index}`,
          shortcut,
          channels,
          width * 2 ** group,
          first ? 2 : 1,
        ),
      );
      channels = 4 * width * 2 ** group;
    }
  }
  const fc = dense(parameters, last, channels, classCount);
  return (images, mode) => {
    const active = tf.relu(conv1(images, mode));
    // Zeros around the map are never the greatest: after the ReLU nothing is below them.
    const start = pool ? tf.maxPool(padImages(active, 1), 3, 2, "valid") : active;
    const features = globalAveragePool(body.reduce((input, layer) => layer(input, mode), start));
    return { logits: fc(features), features };
  };
}
