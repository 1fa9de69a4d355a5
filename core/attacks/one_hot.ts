/**
 * Classes as weights of logits.
 *
 * @module
 */
import * as tf from "../tf.ts";

/** Subtracted to exclude a logit from a maximum; larger than any logit, small enough to stay finite. */
export const MASK = 1e4;

/** One-hot labels, `[B, K]`. */
export function oneHot(labels: tf.Tensor1D, classes: number): tf.Tensor2D {
  return tf.cast(tf.oneHot(labels, classes), "float32") as tf.Tensor2D;
}
