/**
 * Rows of features grouped by class, as matrices of static shape.
 *
 * @module
 */
import { exactMatMul } from "../backend/precision.ts";
import { assertShapes } from "../shapes.ts";
import * as tf from "../tf.ts";

/**
 * Rows `[N]` in G groups: one group per class, or, if a batch has fewer rows than there
 * are classes, one per row, with weights that sum to 1 over the rows of a class. Sums over groups
 * equal sums over the classes present in both cases, and G stays small.
 */
export interface ClassGroups {
  /** `[G, N]`: a group's mean is this times the vectors; a row of 0 for a group without rows. */
  readonly averaging: tf.Tensor2D;
  /** `[N, G]`: each row's group centre is this times the centres. */
  readonly membership: tf.Tensor2D;
  /** `[G]`: weight of a group: 1, a fraction, or 0 for an absent class. */
  readonly weights: tf.Tensor1D;
  /** `[G, G]`: weights of pairs of groups of different classes. */
  readonly pairWeights: tf.Tensor2D;
  /** `[N]`: 1 / (rows of the same class); 0 for an ignored row. */
  readonly rowWeights: tf.Tensor1D;
}

/**
 * Groups rows by class.
 *
 * @param classes `[N]` int32 in `[0, K)`; -1 marks a row that is ignored
 * @param classCount K
 * @returns The groups; no gradient flows into them
 * @throws {TypeError} If `classes` has another rank
 *
 * @example Usage
 * ```ts
 * import { classCentres, groupByClass } from "@realign/core/losses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const groups = groupByClass(tf.tensor1d([0, 1, 0, -1], "int32"), 2);
 * const centres = classCentres(groups, tf.tensor2d([[1], [5], [3], [9]]));
 * assert.deepEqual(centres.arraySync(), [[2], [5]]);
 * ```
 */
export function groupByClass(classes: tf.Tensor1D, classCount: number): ClassGroups {
  const { N } = assertShapes("group features by class", { classes }, { classes: ["N"] });
  return N < classCount ? groupByRow(classes) : groupByIndex(classes, classCount);
}

/**
 * m^(k), the mean vector of each group's rows.
 *
 * @param groups Of the same rows
 * @param vectors `[N, D]`
 * @returns `[G, D]`
 *
 * @example Usage
 * ```ts
 * import { classCentres, groupByClass } from "@realign/core/losses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const groups = groupByClass(tf.tensor1d([1, 1], "int32"), 2);
 * const centres = classCentres(groups, tf.tensor2d([[1, 2], [3, 4]]));
 * assert.deepEqual(centres.arraySync(), [[0, 0], [2, 3]]);
 * ```
 */
export function classCentres(groups: ClassGroups, vectors: tf.Tensor2D): tf.Tensor2D {
  return exactMatMul(groups.averaging, vectors);
}

function groupByIndex(classes: tf.Tensor1D, classCount: number): ClassGroups {
  const indices = tf.range(0, classCount, 1, "int32");
  const membership = tf.cast(
    tf.equal(tf.expandDims(classes, 1), indices),
    "float32",
  ) as tf.Tensor2D; // [N, K]
  const counts = tf.sum(membership, 0); // [K]
  const shares = tf.div(1, tf.maximum(counts, 1));
  const weights = tf.minimum(counts, 1) as tf.Tensor1D;
  return {
    averaging: tf.transpose(tf.mul(membership, shares)),
    membership,
    weights,
    pairWeights: tf.mul(outer(weights), tf.sub(1, tf.eye(classCount))),
    rowWeights: tf.sum(tf.mul(membership, shares), 1),
  };
}

function groupByRow(classes: tf.Tensor1D): ClassGroups {
  const valid = tf.cast(tf.greaterEqual(classes, 0), "float32"); // [N]
  const column = tf.expandDims(classes, 1);
  const same = tf.cast(tf.equal(column, tf.expandDims(classes, 0)), "float32"); // [N, N]
  const alike = tf.mul(same, outer(valid as tf.Tensor1D));
  const shares = tf.div(valid, tf.maximum(tf.sum(alike, 1), 1)) as tf.Tensor1D; // [N]
  return {
    averaging: tf.mul(alike, tf.expandDims(shares, 1)),
    membership: tf.eye(classes.shape[0]),
    weights: shares,
    pairWeights: tf.mul(outer(shares), tf.sub(1, same)),
    rowWeights: shares,
  };
}

function outer(vector: tf.Tensor1D): tf.Tensor2D {
  return tf.mul(tf.expandDims(vector, 1), tf.expandDims(vector, 0));
}
