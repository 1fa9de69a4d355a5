/**
 * What every classifier here gives, and how its images come in.
 *
 * @module
 */
import type { Images } from "@realign/core";
import * as tf from "@realign/core/tf";

/** What a classifier says of a batch. A type, not an interface: tensor containers need its index signature. */
export type ClassifierOutput = {
  /** `[B, K]` */
  readonly logits: tf.Tensor2D;
  /** `[B, D]`, what the last fully connected layer is given. */
  readonly features: tf.Tensor2D;
};

/** "training" uses the statistics of the batch, and moves the averages. */
export type Mode = "inference" | "training";

/** A network over normalised images of its own size. */
export type Network = (images: tf.Tensor4D, mode: Mode) => ClassifierOutput;

/** Subtracted from, then divided into, pixels in `[0, 1]`. */
export interface Normalization {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** ImageNet's, as torchvision's networks and akamaster's CIFAR ResNets were trained with. */
export const IMAGENET_NORMALIZATION: Normalization = {
  mean: [0.485, 0.456, 0.406],
  deviation: [0.229, 0.224, 0.225],
};

/**
 * Brings images to a network's size and range.
 *
 * @param images `[B, H, W, 3]` in `[0, 1]`
 * @param size `[height, width]` of the network; images of another size are resized bilinearly
 * @param normalization Absent for networks that take pixels in `[0, 1]` as they are
 * @returns `[B, height, width, 3]`
 */
export function prepareImages(
  images: Images,
  size: readonly [number, number],
  normalization: Normalization | undefined,
): tf.Tensor4D {
  const fits = images.shape[1] === size[0] && images.shape[2] === size[1];
  const resized = fits ? images : tf.image.resizeBilinear(images, [...size], false, true);
  if (!normalization) return resized;
  const { mean, deviation } = normalization;
  const factor = tf.tensor1d(deviation.map((value) => 1 / value));
  const shift = tf.tensor1d(mean.map((value, channel) => -value / deviation[channel]));
  return tf.add(tf.mul(resized, factor), shift) as tf.Tensor4D;
}

/** The mean over rows and columns: `[B, h, w, C]` to `[B, C]`. */
export function globalAveragePool(input: tf.Tensor4D): tf.Tensor2D {
  return tf.mean(input, [1, 2]) as tf.Tensor2D;
}
