/**
 * The ResNets that He et al. (2015, section 4.2) made for CIFAR, laid out and named as in akamaster's
 * pytorch_resnet_cifar10, whose published weights they take.
 *
 * @module
 */
import type { Parameters } from "@realign/core";
import { convNorm, dense, heNormal, type ModalLayer } from "@realign/core/layers";
import * as tf from "@realign/core/tf";
import { globalAveragePool, type Network } from "./network.ts";

/** Shortcut of option A: every second pixel, with as many zero channels before as after. No weights. */
function subsample(input: tf.Tensor4D, outputs: number): tf.Tensor4D {
  // Pooling over one pixel: a strided slice would do the same, but has no gradient.
  const sparse = tf.avgPool(input, 1, 2, "valid");
  const channels = (outputs - input.shape[3]) / 2;
  return tf.pad(sparse, [[0, 0], [0, 0], [0, 0], [channels, channels]]);
}

/** Two 3x3 convolutions with batch norm beside a shortcut. */
function block(parameters: Parameters, name: string, inputs: number, outputs: number): ModalLayer {
  const initialize = heNormal("in");
  const stride = inputs === outputs ? 1 : 2;
  const layer = (index: number, from: number, step: number) => {
    const names = { conv: `${name}.conv${index}`, norm: `${name}.bn${index}` };
    return convNorm(parameters, names, from, outputs, { kernel: 3, stride: step, initialize });
  };
  const conv1 = layer(1, inputs, stride);
  const conv2 = layer(2, outputs, 1);
  return (input, mode) => {
    const residual = conv2(tf.relu(conv1(input, mode)), mode);
    return tf.relu(tf.add(inputs === outputs ? input : subsample(input, outputs), residual));
  };
}

/**
 * Builds ResNet-20, 32, 44, 56 or 110 for small images; features have 64 numbers.
 *
 * @param parameters Where the weights go, by akamaster's names: `conv1`, `bn1`, `layer1.0.conv1`, ..., `linear`
 * @param classCount K
 * @param depth 6 n + 2, n blocks of 16, 32 and 64 channels each
 * @returns The network over normalised images
 * @throws {RangeError} If the depth is not 6 n + 2
 */
export function createCifarResNet(
  parameters: Parameters,
  classCount: number,
  depth: number,
): Network {
  const blocks = (depth - 2) / 6;
  if (!Number.isInteger(blocks) || blocks < 1) {
    throw new RangeError(
      `Cannot build a CIFAR ResNet as its depth must be 6 n + 2 and at least 8: current value is ${depth}`,
    );
  }
  const conv1 = convNorm(parameters, { conv: "conv1", norm: "bn1" }, 3, 16, {
    kernel: 3,
    initialize: heNormal("in"),
  });
  const body: ModalLayer[] = [];
  let channels = 16;
  for (const [group, outputs] of [16, 32, 64].entries()) {
    for (let index = 0; index < blocks; index++) {
      body.push(block(parameters, `layer${group + 1}.${index}`, channels, outputs));
      channels = outputs;
    }
  }
  const linear = dense(parameters, "linear", channels, classCount);
  return (images, mode) => {
    const map = body.reduce(
      (input, layer) => layer(input, mode),
      tf.relu(conv1(images, mode)),
    );
    const features = globalAveragePool(map);
    return { logits: linear(features), features };
  };
}
