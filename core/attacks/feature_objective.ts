/**
 * The objective "features": how far O's features move from those of the clean image.
 *
 * @module
 */
import { rowDistances } from "../losses/distance.ts";
import type { LabelledFeatures } from "../task.ts";
import * as tf from "../tf.ts";
import type { ReferencedObjective } from "./objective.ts";

/**
 * Makes the objective of a task's features: for each example L_Frec (Eq. 6) of its own rows, the mean
 * distance of its features from those of the clean image, which G is trained to lower. Rows
 * of no class do not count.
 *
 * Its gradient is 0 at the clean image: start elsewhere.
 *
 * @param extract As the task's `extractFeatures`
 * @param countOf From an output to the number of its examples, B
 * @returns The objective; `[B]`, at least 0, and 0 for an example without rows that count
 *
 * @example Usage
 * ```ts
 * import { featureObjective, objectiveValue } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const objective = featureObjective(
 *   (vectors: tf.Tensor2D, classes: tf.Tensor1D) => ({ vectors, classes }),
 *   () => 1, // two rows of one example
 * );
 * const clean = tf.tensor2d([[1, 1], [0, 0]]);
 * const moved = tf.tensor2d([[2, 4], [9, 9]]);
 * const classes = tf.tensor1d([1, -1], "int32");
 * assert.deepEqual([...objectiveValue(objective, moved, classes, clean).dataSync()], [2]);
 * ```
 */
export function featureObjective<O, L>(
  extract: (output: O, labels: L) => LabelledFeatures,
  countOf: (output: O) => number,
): ReferencedObjective<O, L> {
  return {
    reference: true,
    value(output, labels, reference) {
      const { vectors, classes } = extract(output, labels);
      const { vectors: clean } = extract(reference, labels);
      const valid = tf.cast(tf.greaterEqual(classes, 0), "float32");
      const sumOf = (rows: tf.Tensor) => tf.sum(tf.reshape(rows, [countOf(output), -1]), 1);
      const sums = sumOf(tf.mul(rowDistances(vectors, clean), valid));
      return tf.div(sums, tf.maximum(sumOf(valid), 1));
    },
  };
}
