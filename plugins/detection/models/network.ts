/**
 * What every detector here gives, and how its images come in.
 *
 * @module
 */
import { type Images, type Normalization, normalizeImages, resizeImages } from "@realign/core";
import * as tf from "@realign/core/tf";

/** What a detector says of a batch. A type, not an interface: tensor containers need its index signature. */
export type DetectionOutput = {
  /** `[B, P, K + 1]`: the first is the background's, that of class k stands at k + 1. */
  readonly logits: tf.Tensor3D;
  /** `[B, P, 4]`, relative to the priors. */
  readonly offsets: tf.Tensor3D;
  /** `[B, h, w, D]`, the backbone's last map. */
  readonly features: tf.Tensor4D;
  /** `[B, P, 4]`, the same for each example, in centre form. It makes an output complete by itself. */
  readonly priors: tf.Tensor3D;
  /**
   * `[B, P, K]` in `[0, 1]`: what boxes are scored by, where classes do not exclude each other. Absent: the softmax of
   * the logits.
   */
  readonly scores?: tf.Tensor3D;
};

/** "training" uses the statistics of the batch, and moves the averages. */
export type Mode = "inference" | "training";

/** Feature maps of a detector. */
export interface FeatureMaps {
  /** The backbone's last map, which features are cut out of. */
  readonly features: tf.Tensor4D;
  /** The maps that heads look at, the finest first. */
  readonly sources: readonly tf.Tensor4D[];
}

/** How a network's images are prepared: pixels of 0 to 255 less a mean, scaled, in the order of its channels. */
export interface Preparation {
  /** Of red, green and blue. */
  readonly mean: readonly [number, number, number];
  /** Whether blue comes first. */
  readonly bgr: boolean;
  /** What pixels less the mean are divided by; published detectors leave them as they are. */
  readonly deviation: number;
}

/** Standard deviation of pixels from 0 to 255 about their mean. */
export const PIXEL_DEVIATION = 58;

/** The mean of ImageNet's pixels that the first VGG networks were trained with. */
export const VGG_MEAN: Preparation["mean"] = [123, 117, 104];

/**
 * Brings images to a network's size and range.
 *
 * @param images `[B, H, W, 3]` in `[0, 1]`
 * @param size Height and width of the network; images of another size are resized bilinearly
 * @param preparation Its mean, scale and order of channels
 * @param own In place of that mean and scale
 * @returns `[B, size, size, 3]`
 */
export function prepareImages(
  images: Images,
  size: number,
  { mean, bgr, deviation }: Preparation,
  own?: Normalization,
): tf.Tensor4D {
  const normalization = own ?? {
    mean: mean.map((value) => value / 255),
    deviation: mean.map(() => deviation / 255),
  };
  const pixels = normalizeImages(resizeImages(images, [size, size]), normalization);
  if (!bgr) return pixels;
  const [red, green, blue] = tf.split(pixels, 3, 3);
  return tf.concat([blue, green, red], 3) as tf.Tensor4D;
}
