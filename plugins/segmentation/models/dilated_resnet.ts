/**
 * ResNets (He et al. 2015) whose last two groups are dilated instead of strided, so that their maps
 * have an eighth of the image's side: the backbones of PSPNet and DeepLabv3.
 *
 * @module
 */
import type { Parameters } from "@realign/core";
import { convNorm, heNormal, type ModalLayer, padImages } from "@realign/core/layers";
import * as tf from "@realign/core/tf";
import { convNormRelu, type Mode, scaledChannels } from "./network.ts";

/** How a dilated ResNet is built. */
export interface DilatedResNetSettings {
  readonly depth: 18 | 50;
  /** Share of the published channels. */
  readonly width: number;
  /**
   * "semseg": three 3x3 convolutions come first, and every block of a dilated group is dilated alike.
   * "torchvision": a 7x7 convolution comes first, and a group's first block has the dilation of the
   * group before. Names of weights are those of either.
   */
  readonly layout: "semseg" | "torchvision";
}

/** A backbone with its weights. */
export interface Backbone {
  /** The maps of the third and of the fourth group, both at an eighth of the image's side. */
  readonly forward: (images: tf.Tensor4D, mode: Mode) => readonly [tf.Tensor4D, tf.Tensor4D];
  /** Channels of the two maps. */
  readonly channels: readonly [number, number];
}

/** Of a group: stride of its first block, dilation of its first block and of the others. */
type Group = readonly [stride: number, firstDilation: number, dilation: number];

const GROUPS: Readonly<Record<DilatedResNetSettings["layout"], readonly Group[]>> = {
  semseg: [[1, 1, 1], [2, 1, 1], [1, 2, 2], [1, 4, 4]],
  torchvision: [[1, 1, 1], [2, 1, 1], [1, 1, 2], [1, 2, 4]],
};
const BLOCKS = { 18: [2, 2, 2, 2], 50: [3, 4, 6, 3] } as const;

const initialize = heNormal("out");

/** Whether a weight is of a backbone, of either layout, by its name. */
export const isOfBackbone = (name: string): boolean => /^(backbone|layer[0-4])\./.test(name);

interface BlockSettings {
  readonly inputs: number;
  /** Channels of its 3x3 convolutions. */
  readonly width: number;
  readonly stride: number;
  readonly dilation: number;
}

/** What a block adds to: its input, or a 1x1 convolution of it where the shape changes. */
function shortcut(
  parameters: Parameters,
  name: string,
  inputs: number,
  outputs: number,
  stride: number,
): ModalLayer {
  if (inputs === outputs && stride === 1) return (input) => input;
  const names = { conv: `${name}.downsample.0`, norm: `${name}.downsample.1` };
  return convNorm(parameters, names, inputs, outputs, { kernel: 1, stride, initialize });
}

/** A row of convolutions with batch norm, a ReLU after each but the last, beside a shortcut. */
function block(
  parameters: Parameters,
  name: string,
  { inputs, width, stride, dilation }: BlockSettings,
  bottleneck: boolean,
): ModalLayer {
  const wide = { kernel: 3, initialize, dilation };
  const narrow = { kernel: 1, initialize };
  const outputs = bottleneck ? 4 * width : width;
  const options = bottleneck ? [narrow, { ...wide, stride }, narrow] : [{ ...wide, stride }, wide];
  const row = options.map((settings, index): ModalLayer => {
    const last = index === options.length - 1;
    const number = index + 1;
    const [from, to] = [index === 0 ? inputs : width, last ? outputs : width];
    const names = { conv: `${name}.conv${number}`, norm: `${name}.bn${number}` };
    const layer = convNorm(parameters, names, from, to, settings);
    return (input, mode) => last ? layer(input, mode) : tf.relu(layer(input, mode));
  });
  const beside = shortcut(parameters, name, inputs, outputs, stride);
  return (input, mode) => {
    const residual = row.reduce((value, layer) => layer(value, mode), input);
    return tf.relu(tf.add(beside(input, mode), residual));
  };
}

/** From the image to a quarter of its side. */
function stem(
  parameters: Parameters,
  { layout, width }: DilatedResNetSettings,
): { readonly layers: readonly ModalLayer[]; readonly channels: number } {
  const channels = scaledChannels(64, width);
  const wide = { kernel: 3, initialize };
  const row = (index: number, inputs: number, outputs: number, stride: number) => {
    const names = { conv: `layer0.${index}`, norm: `layer0.${index + 1}` };
    return convNormRelu(parameters, names, inputs, outputs, { ...wide, stride });
  };
  // Zeros around the map are never the greatest: after the ReLU nothing is below them.
  const pool: ModalLayer = (input) => tf.maxPool(padImages(input, 1), 3, 2, "valid");
  if (layout === "torchvision") {
    const names = { conv: "backbone.conv1", norm: "backbone.bn1" };
    const options = { kernel: 7, stride: 2, initialize };
    return { layers: [convNormRelu(parameters, names, 3, channels, options), pool], channels };
  }
  return {
    layers: [
      row(0, 3, channels, 2),
      row(3, channels, channels, 1),
      row(6, channels, 2 * channels, 1),
      pool,
    ],
    channels: 2 * channels,
  };
}

/**
 * Builds a dilated ResNet without its classifier.
 *
 * The published networks have bottlenecks (ResNet-50); ResNet-18 is dilated by the same rule.
 *
 * @param parameters Where the weights go, by semseg's names (`layer0.0`, `layer1.0.conv1`, ...) or
 * torchvision's (`backbone.conv1`, `backbone.layer1.0.conv1`, ...)
 * @param settings Depth, width and layout
 * @returns The backbone over normalised images
 */
export function createDilatedResNet(
  parameters: Parameters,
  settings: DilatedResNetSettings,
): Backbone {
  const { depth, width, layout } = settings;
  const bottleneck = depth === 50;
  const prefix = layout === "torchvision" ? "backbone." : "";
  const begin = stem(parameters, settings);
  let inputs = begin.channels;
  const groups = GROUPS[layout].map(([stride, firstDilation, dilation], group) => {
    const inner = scaledChannels(64 * 2 ** group, width);
    const blocks = Array.from({ length: BLOCKS[depth][group] }, (_, index) => {
      const layer = block(parameters, `${prefix}layer${group + 1}.${index}`, {
        inputs,
        width: inner,
        stride: index === 0 ? stride : 1,
        dilation: index === 0 ? firstDilation : dilation,
      }, bottleneck);
      inputs = bottleneck ? 4 * inner : inner;
      return layer;
    });
    return { blocks, channels: inputs };
  });
  const run = (layers: readonly ModalLayer[], input: tf.Tensor4D, mode: Mode) =>
    layers.reduce((value, layer) => layer(value, mode), input);
  const [first, second, third, fourth] = groups;
  return {
    channels: [third.channels, fourth.channels],
    forward(images, mode) {
      const start = run([...begin.layers, ...first.blocks, ...second.blocks], images, mode);
      const middle = run(third.blocks, start, mode);
      return [middle, run(fourth.blocks, middle, mode)];
    },
  };
}
