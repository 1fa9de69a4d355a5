/**
 * ResNet-50 (He et al., 2015), laid out and named as in torchvision (the stride of a block is in its
 * 3x3 convolution), with stems for ImageNet's, for 64x64 and for CIFAR's images.
 *
 * @module
 */
import type { Parameters } from "@realign/core";
import { batchNorm, conv, dense, heNormal, type ModalLayer, padImages } from "@realign/core/layers";
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

/** 1x1, 3x3 and 1x1 convolutions with batch norm beside a shortcut. */
function bottleneck(
  parameters: Parameters,
  name: string,
  inputs: number,
  width: number,
  stride: number,
): ModalLayer {
  const outputs = 4 * width;
  const options = { bias: false, initialize: heNormal("out") };
  const conv1 = conv(parameters, `${name}.conv1`, inputs, width, { kernel: 1, ...options });
  const bn1 = batchNorm(parameters, `${name}.bn1`, width);
  const conv2 = conv(parameters, `${name}.conv2`, width, width, { kernel: 3, stride, ...options });
  const bn2 = batchNorm(parameters, `${name}.bn2`, width);
  const conv3 = conv(parameters, `${name}.conv3`, width, outputs, { kernel: 1, ...options });
  const bn3 = batchNorm(parameters, `${name}.bn3`, outputs);
  const project = inputs === outputs ? undefined : {
    conv: conv(parameters, `${name}.downsample.0`, inputs, outputs, {
      kernel: 1,
      stride,
      ...options,
    }),
    norm: batchNorm(parameters, `${name}.downsample.1`, outputs),
  };
  return (input, mode) => {
    const narrow = tf.relu(bn1(conv1(input), mode));
    const residual = bn3(conv3(tf.relu(bn2(conv2(narrow), mode))), mode);
    return tf.relu(tf.add(project ? project.norm(project.conv(input), mode) : input, residual));
  };
}

/** How wide and deep a bottleneck ResNet is. */
export interface BottleneckSizes {
  /** Channels of the stem. @default {64} */
  readonly width?: number;
  /** Blocks in each of the four groups. @default {[3, 4, 6, 3]} */
  readonly blocks?: readonly number[];
}

/**
 * Builds ResNet-50; features have 2048 numbers.
 *
 * @param parameters Where the weights go, by torchvision's names: `conv1`, `bn1`, `layer1.0.conv1`, ..., `fc`
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
  const { width = 64, blocks = [3, 4, 6, 3] } = sizes;
  const { kernel, stride, pool } = STEMS[stem];
  const conv1 = conv(parameters, "conv1", 3, width, {
    kernel,
    stride,
    bias: false,
    initialize: heNormal("out"),
  });
  const bn1 = batchNorm(parameters, "bn1", width);
  const body: ModalLayer[] = [];
  let channels = width;
  for (const [group, count] of blocks.entries()) {
    for (let index = 0; index < count; index++) {
      const first = group > 0 && index === 0;
      body.push(
        bottleneck(
          parameters,
          `layer${group + 1}.${index}`,
          channels,
          width * 2 ** group,
          first ? 2 : 1,
        ),
      );
      channels = 4 * width * 2 ** group;
    }
  }
  const fc = dense(parameters, "fc", channels, classCount);
  return (images, mode) => {
    const active = tf.relu(bn1(conv1(images), mode));
    // Zeros around the map are never the greatest: after the ReLU nothing is below them.
    const start = pool ? tf.maxPool(padImages(active, 1), 3, 2, "valid") : active;
    const features = globalAveragePool(body.reduce((input, layer) => layer(input, mode), start));
    return { logits: fc(features), features };
  };
}
