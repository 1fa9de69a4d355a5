/**
 * VGG-16 as SSD has it: its fully connected layers are convolutions, the first of them dilated.
 *
 * @module
 */
import type { Initializer, Parameters } from "@realign/core";
import { conv, convNorm, type ConvOptions, heNormal, type ModalLayer } from "@realign/core/layers";
import * as tf from "@realign/core/tf";
import { PIXEL_DEVIATION } from "./network.ts";

/** How a detector's layers are made. */
export interface LayerSettings {
  /** How many times VGG-16's channels there are. */
  readonly width: number;
  /** A batch norm after each convolution, and scaled pixels, for training from scratch; published detectors have neither. */
  readonly batchNorm: boolean;
}

/** Channels of a layer of a network that is `width` times as wide. */
export function channelsOf(channels: number, { width }: Pick<LayerSettings, "width">): number {
  return Math.max(4, Math.round(channels * width));
}

/** Channels of conv1_1 to conv5_3; each group ends in a pooling. */
const GROUPS = [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]];
/** Channels of fc6 and fc7. */
export const FC_CHANNELS = 1024;
/** For pixels that are not scaled: first values a deviation of theirs smaller. */
const forPixels: Initializer = (shape, random) =>
  heNormal("in")(shape, random).map((value) => value / PIXEL_DEVIATION);

/** Glorot and Bengio 2010: uniform, what detectors' own layers begin with. */
export const glorotUniform: Initializer = (shape, random) => {
  const area = shape[0] * shape[1];
  const bound = Math.sqrt(6 / (area * (shape[2] + shape[3])));
  return random.uniforms(area * shape[2] * shape[3], -bound, bound);
};

/** A convolution, a batch norm (`NAME.norm`) if there are any, a ReLU. */
export function convRelu(
  parameters: Parameters,
  name: string,
  inputs: number,
  outputs: number,
  options: ConvOptions & Pick<LayerSettings, "batchNorm">,
): ModalLayer {
  if (!options.batchNorm) {
    const layer = conv(parameters, name, inputs, outputs, options);
    return (input) => tf.relu(layer(input));
  }
  const names = { conv: name, norm: `${name}.norm` };
  const layer = convNorm(parameters, names, inputs, outputs, { ...options, bias: "unused" });
  return (input, mode) => tf.relu(layer(input, mode));
}

/** The two maps of the backbone that a detector looks at. */
export interface VggMaps {
  /** `[B, h, w, 512 width]`, an eighth of the image's rows and columns. */
  readonly conv4: tf.Tensor4D;
  /** `[B, h, w, 1024 width]`, a sixteenth. */
  readonly fc7: tf.Tensor4D;
}

/**
 * Builds the backbone. The third pooling rounds up, the fifth keeps the size.
 *
 * @param parameters Where the weights go
 * @param nameOf A layer's name by its place in the list of layers
 * @param settings Width, batch norm
 * @param dilation Of fc6: 6 for maps of 19 cells
 * @returns From prepared images to both maps
 */
export function createVgg(
  parameters: Parameters,
  nameOf: (place: number) => string,
  settings: LayerSettings,
  dilation: number,
): (images: tf.Tensor4D, mode: "inference" | "training") => VggMaps {
  let place = 0;
  let inputs = 3;
  const make = (channels: number, options: Omit<ConvOptions, "bias">): ModalLayer => {
    const outputs = channelsOf(channels, settings);
    const { batchNorm } = settings;
    const initialize = place === 0 && !batchNorm ? forPixels : heNormal("in");
    const layer = convRelu(parameters, nameOf(place), inputs, outputs, {
      initialize,
      batchNorm,
      ...options,
    });
    [inputs, place] = [outputs, place + 2];
    return layer;
  };
  const groups = GROUPS.map((group) => {
    const layers = group.map((channels) => make(channels, { kernel: 3 }));
    place++; // the pooling
    return layers;
  });
  const dense = [make(FC_CHANNELS, { kernel: 3, dilation }), make(FC_CHANNELS, { kernel: 1 })];
  return (images, mode) => {
    const run = (layers: readonly ModalLayer[], input: tf.Tensor4D) =>
      layers.reduce((map, layer) => layer(map, mode), input);
    const [first, second, third, fourth, fifth] = groups;
    let map = tf.maxPool(run(first, images), 2, 2, "valid");
    map = tf.maxPool(run(second, map), 2, 2, "valid");
    // "same" pads odd sizes at the end, which is rounding up.
    map = tf.maxPool(run(third, map), 2, 2, "same");
    const conv4 = run(fourth, map);
    map = run(fifth, tf.maxPool(conv4, 2, 2, "valid"));
    return { conv4, fc7: run(dense, tf.maxPool(map, 3, 1, "same")) };
  };
}
