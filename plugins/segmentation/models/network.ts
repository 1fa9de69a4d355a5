/**
 * What every segmentation network here gives, and how its images come in.
 *
 * @module
 */
import type { Images, Parameters } from "@realign/core";
import { batchNorm, conv, type ConvOptions, type ModalLayer } from "@realign/core/layers";
import * as tf from "@realign/core/tf";

/** What a network says of a batch. A type, not an interface: tensor containers need its index signature. */
export type SegmentationOutput = {
  /** `[B, H', W', K]` at the size that the network resizes its images to. */
  readonly logits: tf.Tensor4D;
  /** `[B, h, w, D]`, what the last convolution is given. */
  readonly features: tf.Tensor4D;
  /** `[B, H', W', K]`, the auxiliary head's logits; in training alone. */
  readonly auxiliary?: tf.Tensor4D;
};

/** "training" uses the statistics of the batch, moves the averages, and runs the auxiliary head. */
export type Mode = "inference" | "training";

/** A network over normalised images of its own size. */
export type Network = (images: tf.Tensor4D, mode: Mode) => SegmentationOutput;

/** ImageNet's, which torchvision's and semseg's networks were trained with. */
const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];

/**
 * Brings images to a network's size, bilinearly with half-pixel centres, and takes ImageNet's mean and
 * deviation out.
 *
 * @param images `[B, H, W, 3]` in `[0, 1]`
 * @param size `[height, width]` of the network's input
 * @returns `[B, height, width, 3]`
 */
export function prepareImages(images: Images, size: readonly [number, number]): tf.Tensor4D {
  const fits = images.shape[1] === size[0] && images.shape[2] === size[1];
  const resized = fits ? images : tf.image.resizeBilinear(images, [...size], false, true);
  const factor = tf.tensor1d(DEVIATION.map((value) => 1 / value));
  const shift = tf.tensor1d(MEAN.map((value, channel) => -value / DEVIATION[channel]));
  return tf.add(tf.mul(resized, factor), shift) as tf.Tensor4D;
}

/** Channels of a layer that has `full` in the published network, at a share of its width. */
export function scaledChannels(full: number, width: number): number {
  return Math.max(1, Math.round(full * width));
}

/** A convolution without bias, batch norm and ReLU, by the names that a Sequential gives them. */
export function convNormRelu(
  parameters: Parameters,
  names: { readonly conv: string; readonly norm: string },
  inputs: number,
  outputs: number,
  options: ConvOptions,
): ModalLayer {
  const convolve = conv(parameters, names.conv, inputs, outputs, { bias: false, ...options });
  const normalize = batchNorm(parameters, names.norm, outputs);
  return (input, mode) => tf.relu(normalize(convolve(input), mode));
}
