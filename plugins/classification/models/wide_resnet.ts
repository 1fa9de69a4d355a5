/**
 * Wide residual networks (Zagoruyko and Komodakis, 2016), laid out and named as in the TRADES code,
 * whose WRN-34-10 is the paper's classifier.
 *
 * @module
 */
import type { Parameters } from "@realign/core";
import { batchNorm, conv, convNorm, dense, heNormal, type ModalLayer } from "@realign/core/layers";
import * as tf from "@realign/core/tf";
import { globalAveragePool, type Network } from "./network.ts";

/** Two 3x3 convolutions, each after a batch norm and a ReLU, beside a shortcut. */
function block(
  parameters: Parameters,
  name: string,
  inputs: number,
  outputs: number,
  stride: number,
): ModalLayer {
  const initialize = heNormal("out");
  const bn1 = batchNorm(parameters, `${name}.bn1`, inputs);
  const names = { conv: `${name}.conv1`, norm: `${name}.bn2` };
  const conv1 = convNorm(parameters, names, inputs, outputs, { kernel: 3, stride, initialize });
  const conv2 = conv(parameters, `${name}.conv2`, outputs, outputs, {
    kernel: 3,
    bias: false,
    initialize,
  });
  const project = inputs === outputs
    ? undefined
    : conv(parameters, `${name}.convShortcut`, inputs, outputs, {
      kernel: 1,
      stride,
      bias: false,
      initialize,
    });
  return (input, mode) => {
    const active = tf.relu(bn1(input, mode));
    const residual = conv2(tf.relu(conv1(active, mode)));
    // The projection sees what batch norm and ReLU made of the input; a plain shortcut does not.
    return tf.add(project ? project(active) : input, residual);
  };
}

/**
 * Builds WRN-depth-width for images of any size; features have 64 * width numbers.
 *
 * @param parameters Where the weights go, by TRADES' names: `conv1`, `block1.layer.0.bn1`, ..., `bn1`, `fc`
 * @param classCount K
 * @param depth 6 n + 4, n blocks in each of three groups
 * @param width How many times 16, 32 and 64 channels the groups have
 * @returns The network over images in `[0, 1]`
 * @throws {RangeError} If the depth is not 6 n + 4 or the width not positive
 */
export function createWideResNet(
  parameters: Parameters,
  classCount: number,
  depth: number,
  width: number,
): Network {
  const blocks = (depth - 4) / 6;
  if (!Number.isInteger(blocks) || blocks < 1) {
    throw new RangeError(
      `Cannot build a WideResNet as its depth must be 6 n + 4 and at least 10: current value is ${depth}`,
    );
  }
  if (!Number.isInteger(width) || width < 1) {
    throw new RangeError(
      `Cannot build a WideResNet as its width must be an integer of at least 1: current value is ${width}`,
    );
  }
  const conv1 = conv(parameters, "conv1", 3, 16, {
    kernel: 3,
    bias: false,
    initialize: heNormal("out"),
  });
  const body: ModalLayer[] = [];
  let channels = 16;
  for (const group of [1, 2, 3]) {
    const outputs = 16 * width * 2 ** (group - 1);
    for (let index = 0; index < blocks; index++) {
      const stride = group > 1 && index === 0 ? 2 : 1;
      body.push(block(parameters, `block${group}.layer.${index}`, channels, outputs, stride));
      channels = outputs;
    }
  }
  const bn1 = batchNorm(parameters, "bn1", channels);
  const fc = dense(parameters, "fc", channels, classCount);
  return (images, mode) => {
    const map = body.reduce((input, layer) => layer(input, mode), conv1(images));
    const features = globalAveragePool(tf.relu(bn1(map, mode)));
    return { logits: fc(features), features };
  };
}
