/**
 * SSD (Liu et al. 2016) over VGG-16: SSD300 laid out as in torchvision and amdegroot's code, and the
 * same for smaller pictures.
 *
 * @module
 */
import type { Parameters } from "@realign/core";
import { constant } from "@realign/core/layers";
import * as tf from "@realign/core/tf";
import type { DetectorNames } from "./names.ts";
import type { FeatureMaps, Mode } from "./network.ts";
import {
  channelsOf,
  convRelu,
  createVgg,
  FC_CHANNELS,
  glorotUniform,
  type LayerSettings,
} from "./vgg.ts";

/** Channels within and after each extra block. */
const EXTRAS = [[256, 512], [128, 256], [128, 256], [128, 256]];
/** What conv4_3 is multiplied by, once normalised, at first: its 512 channels then have a mean square of .78. */
const FIRST_SCALE = 20;
const FULL_CHANNELS = 512;
/** Keeps the gradient finite where a cell has no activation. */
const SMALLEST_NORM = 1e-12;

/** One of the convolutions that halve or shave a map. */
interface ExtraBlock {
  readonly stride: 1 | 2;
  readonly padding: 0 | 1;
}

/** What the size of the pictures decides. */
export interface SsdGeometry {
  /** Rows of each feature map. */
  readonly cells: readonly number[];
  readonly blocks: readonly ExtraBlock[];
  /** Of fc6; as many cells of the map as 6 of 19. */
  readonly dilation: number;
}

/**
 * Works out the maps for pictures of a size: an eighth, a sixteenth, two more that halve, then such that
 * lose two rows, as long as there are three.
 *
 * @param size Rows and columns of the pictures, 300 or a multiple of 64
 * @returns For 300: 38, 19, 10, 5, 3, 1
 */
export function ssdGeometry(size: number): SsdGeometry {
  const conv4 = Math.ceil(Math.floor(Math.floor(size / 2) / 2) / 2);
  const fc7 = Math.floor(conv4 / 2);
  const cells = [conv4, fc7];
  const blocks: ExtraBlock[] = [];
  for (const index of EXTRAS.keys()) {
    const side = cells[cells.length - 1];
    if (index < 2) {
      blocks.push({ stride: 2, padding: 1 });
      cells.push(Math.ceil(side / 2));
    } else if (side >= 3) {
      blocks.push({ stride: 1, padding: 0 });
      cells.push(side - 2);
    }
  }
  return { cells, blocks, dilation: Math.max(1, Math.round(6 * fc7 / 19)) };
}

/**
 * Divides every cell by its length over the channels and multiplies by learnt factors (Liu et al. 2015,
 * ParseNet). They begin with 20 for 512 channels, and for fewer with so much less that a channel is as
 * large as it would be there: with 20, a narrow network's first logits are several times too large.
 *
 * @param parameters Where the factors go
 * @param name Their name
 * @param channels How many
 * @returns The layer
 */
export function scaledL2Norm(
  parameters: Parameters,
  name: string,
  channels: number,
): (map: tf.Tensor4D) => tf.Tensor4D {
  const first = FIRST_SCALE * Math.sqrt(channels / FULL_CHANNELS);
  const factors = parameters.create(name, [channels], constant(first));
  return (map) => {
    const length = tf.maximum(tf.sum(tf.square(map), 3, true), SMALLEST_NORM);
    return tf.mul(tf.mul(map, tf.rsqrt(length)), factors);
  };
}

/** A network and how many channels its maps have. */
export interface FeatureNetwork {
  readonly channels: readonly number[];
  readonly run: (images: tf.Tensor4D, mode: Mode) => FeatureMaps;
}

/**
 * Builds SSD up to its feature maps.
 *
 * @param parameters Where the weights go
 * @param names What they are called
 * @param settings Width, batch norm
 * @param geometry From {@linkcode ssdGeometry}
 * @returns From prepared images to the maps
 */
export function createSsd(
  parameters: Parameters,
  names: DetectorNames,
  settings: LayerSettings,
  { blocks, dilation }: SsdGeometry,
): FeatureNetwork {
  const { batchNorm } = settings;
  const vgg = createVgg(parameters, (place) => names.vgg(place), settings, dilation);
  const channels = [channelsOf(512, settings), channelsOf(FC_CHANNELS, settings)];
  const norm = scaledL2Norm(parameters, names.scale, channels[0]);
  const extras = blocks.map((geometry, index) => {
    const [inner, outer] = EXTRAS[index].map((count) => channelsOf(count, settings));
    const inputs = channels[channels.length - 1];
    const options = { batchNorm, initialize: glorotUniform };
    const narrow = convRelu(parameters, names.extra(index, 0), inputs, inner, {
      kernel: 1,
      ...options,
    });
    const wide = convRelu(parameters, names.extra(index, 1), inner, outer, {
      kernel: 3,
      ...geometry,
      ...options,
    });
    channels.push(outer);
    return (map: tf.Tensor4D, mode: Mode) => wide(narrow(map, mode), mode);
  });
  return {
    channels,
    run(images, mode) {
      const { conv4, fc7 } = vgg(images, mode);
      const sources = [norm(conv4), fc7];
      for (const extra of extras) sources.push(extra(sources[sources.length - 1], mode));
      return { features: fc7, sources };
    },
  };
}
