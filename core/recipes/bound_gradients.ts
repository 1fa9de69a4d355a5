/**
 * Bounding gradients by their norm.
 *
 * @module
 */
import * as tf from "../tf.ts";
import type { Gradients } from "../train/gradients.ts";

/** Keeps a norm of 0 from dividing by it, as in PyTorch. */
const TINY = 1e-6;

/**
 * Scales gradients down to a norm of at most `largest`, over all of them together; smaller ones stay as they are.
 *
 * @param gradients Any shapes
 * @param largest The bound, above 0
 * @returns As many, in the same order
 *
 * @example Usage
 * ```ts
 * import { boundGradients } from "./bound_gradients.ts";
 * import * as tf from "../tf.ts";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const [first, second] = boundGradients([tf.tensor1d([3]), tf.scalar(4)], 2.5);
 * assert.ok(Math.abs(first!.dataSync()[0] - 1.5) < 1e-5);
 * assert.ok(Math.abs(second!.dataSync()[0] - 2) < 1e-5);
 * ```
 */
export function boundGradients(gradients: Gradients, largest: number): Gradients {
  const squares = gradients.flatMap((gradient) =>
    gradient ? [tf.sum(tf.square(gradient)) as tf.Scalar] : []
  );
  if (squares.length === 0) return gradients;
  const norm = tf.sqrt(tf.addN(squares));
  const factor = tf.minimum(tf.div(largest, tf.add(norm, TINY)), 1);
  return gradients.map((gradient) => gradient && tf.mul(gradient, factor));
}
