/**
 * What every classifier here gives.
 *
 * @module
 */
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

/** The mean over rows and columns: `[B, h, w, C]` to `[B, C]`. */
export function globalAveragePool(input: tf.Tensor4D): tf.Tensor2D {
  return tf.mean(input, [1, 2]) as tf.Tensor2D;
}
