/**
 * The last layers of a segmentation network, and how its logits come to the size of its images.
 *
 * @module
 */
import type { Parameters } from "@realign/core";
import { conv, heNormal, uniformByFanIn } from "@realign/core/layers";
import * as tf from "@realign/core/tf";
import { convNormRelu, type Mode } from "./network.ts";

/** What a head makes of a map. */
export interface HeadOutput {
  /** What the last convolution is given. */
  readonly features: tf.Tensor4D;
  /** At the map's size. */
  readonly logits: tf.Tensor4D;
}

/** How a head is built. */
export interface HeadSettings {
  readonly inputs: number;
  readonly hidden: number;
  readonly classCount: number;
  /** Number of its first layer in the Sequential that names its weights; its last is 4. */
  readonly first: 0 | 1;
  /** Of its first convolution. @default {3} */
  readonly kernel?: 1 | 3;
}

/**
 * A 3x3 or 1x1 convolution with batch norm and ReLU, then a 1x1 convolution to a score a class.
 *
 * The dropout that the published heads have between the two acts in training alone and is left out:
 * a recorded step draws no random numbers.
 *
 * @param parameters Where the weights go
 * @param name The Sequential's name
 * @param settings Channels
 * @returns The head
 */
export function createHead(
  parameters: Parameters,
  name: string,
  { inputs, hidden, classCount, first, kernel = 3 }: HeadSettings,
): (map: tf.Tensor4D, mode: Mode) => HeadOutput {
  const names = { conv: `${name}.${first}`, norm: `${name}.${first + 1}` };
  const options = { kernel, initialize: heNormal("out") };
  const mix = convNormRelu(parameters, names, inputs, hidden, options);
  const classify = conv(parameters, `${name}.4`, hidden, classCount, {
    kernel: 1,
    initialize: uniformByFanIn,
  });
  return (map, mode) => {
    const features = mix(map, mode);
    return { features, logits: classify(features) };
  };
}

/** Which pixels of two maps of different size stand for each other. */
export type Alignment =
  /** The corner pixels' centres, as semseg resizes. */
  | "corners"
  /** The corners of the corner pixels, as torchvision resizes. */
  | "edges";

/**
 * Resizes a map bilinearly.
 *
 * @param map `[B, h, w, C]`
 * @param size `[height, width]`
 * @param alignment Which pixels stand for each other
 * @returns `[B, height, width, C]`
 */
export function resizeMap(
  map: tf.Tensor4D,
  size: readonly [number, number],
  alignment: Alignment,
): tf.Tensor4D {
  if (map.shape[1] === size[0] && map.shape[2] === size[1]) return map;
  return tf.image.resizeBilinear(map, [...size], alignment === "corners", alignment === "edges");
}
