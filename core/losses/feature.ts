/**
 * Distances in the feature space of the target model O: Eq. 6 to 8.
 *
 * @module
 */
import { exactMatMul } from "../backend/precision.ts";
import type { LossSettings } from "../preset.ts";
import { assertShapes } from "../shapes.ts";
import type { LabelledFeatures } from "../task.ts";
import * as tf from "../tf.ts";
import type { ClassGroups } from "./class_groups.ts";
import { absolute, rowDistances } from "./distance.ts";

/** How class terms are combined. */
export type ClassSettings = Pick<LossSettings, "classReduction">;
/** How the intra-class term is combined. */
export type IntraClassSettings = Pick<LossSettings, "classReduction" | "intraReduction">;
/** Form of the inter-class term. */
export type InterClassSettings = Pick<LossSettings, "classReduction" | "interClass" | "margin">;

/**
 * One half of L_Frec = E‖ẑ^c - z^c‖ + E‖ẑ^a - z^c‖ (Eq. 6): the mean distance of restored features
 * from clean ones, over rows that are not ignored.
 *
 * @param clean z^c `[N, D]`, a constant
 * @param restored ẑ^c or ẑ^a `[N, D]`, row by row the same examples
 * @returns A scalar; 0 if every row is ignored
 * @throws {TypeError} If shapes differ
 *
 * @example Usage
 * ```ts
 * import { featureReconstructionLoss } from "@realign/core/losses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const clean = tf.tensor2d([[1, 1], [0, 0]]);
 * const restored = {
 *   vectors: tf.tensor2d([[2, 4], [9, 9]]),
 *   classes: tf.tensor1d([1, -1], "int32"),
 * };
 * assert.equal(featureReconstructionLoss(clean, restored).dataSync()[0], (1 + 3) / 2);
 * ```
 */
export function featureReconstructionLoss(
  clean: tf.Tensor2D,
  { vectors, classes }: LabelledFeatures,
): tf.Scalar {
  assertShapes(
    "compute the feature reconstruction loss",
    { classes, clean, vectors },
    { classes: ["N"], clean: ["N", "D"], vectors: ["N", "D"] },
  );
  const valid = tf.cast(tf.greaterEqual(classes, 0), "float32");
  const sum = tf.sum(tf.mul(rowDistances(vectors, clean), valid));
  return tf.div(sum, tf.maximum(tf.sum(valid), 1));
}

/**
 * L_Falign = Σ_k E‖m^c(k) - m̂^a(k)‖ (Eq. 7) over the classes present.
 *
 * @param groups Of the rows
 * @param clean m^c `[G, D]`, a constant
 * @param adversarial m̂^a `[G, D]`
 * @param settings Sum over the classes, or mean
 * @returns A scalar; 0 if every row is ignored
 * @throws {TypeError} If shapes differ
 *
 * @example Usage
 * ```ts
 * import { classAlignLoss, classCentres, groupByClass } from "@realign/core/losses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const groups = groupByClass(tf.tensor1d([0, 1, 1], "int32"), 3);
 * const clean = classCentres(groups, tf.tensor2d([[0], [1], [3]]));
 * const adversarial = classCentres(groups, tf.tensor2d([[1], [5], [5]]));
 * const loss = classAlignLoss(groups, clean, adversarial, { classReduction: "sum" });
 * assert.equal(loss.dataSync()[0], 1 + 3);
 * ```
 */
export function classAlignLoss(
  groups: ClassGroups,
  clean: tf.Tensor2D,
  adversarial: tf.Tensor2D,
  settings: ClassSettings,
): tf.Scalar {
  assertCentres("compute the class alignment loss", groups, { clean, adversarial });
  const sum = tf.sum(tf.mul(rowDistances(adversarial, clean), groups.weights));
  return reduceClasses(sum, groups.weights, settings);
}

/**
 * L_Finter = Σ_k Σ_{i≠k} max(0, M - ‖m̂^a(k) - m̂^a(i)‖) (Eq. 8) over pairs of classes present; each
 * pair counts twice, as printed. "literal" omits the max, and then has no lower bound.
 *
 * @param groups Of the rows
 * @param adversarial m̂^a `[G, D]`
 * @param settings M, hinge or literal, sum over the pairs or mean
 * @returns A scalar; 0 if fewer than two classes are present
 * @throws {TypeError} If shapes differ
 *
 * @example Usage
 * ```ts
 * import { classCentres, classInterLoss, groupByClass } from "@realign/core/losses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const groups = groupByClass(tf.tensor1d([0, 1], "int32"), 2);
 * const centres = classCentres(groups, tf.tensor2d([[1], [1.25]]));
 * const settings = { margin: 1, interClass: "hinge", classReduction: "mean" } as const;
 * assert.equal(classInterLoss(groups, centres, settings).dataSync()[0], 0.75);
 * ```
 */
export function classInterLoss(
  groups: ClassGroups,
  adversarial: tf.Tensor2D,
  settings: InterClassSettings,
): tf.Scalar {
  assertCentres("compute the inter-class loss", groups, { adversarial });
  const differences = tf.sub(tf.expandDims(adversarial, 1), tf.expandDims(adversarial, 0));
  const gaps = tf.sub(settings.margin, tf.mean(absolute(differences), 2)); // [G, G]
  const penalties = settings.interClass === "hinge" ? tf.relu(gaps) : gaps;
  const sum = tf.sum(tf.mul(penalties, groups.pairWeights));
  return reduceClasses(sum, groups.pairWeights, settings);
}

/**
 * L_Fintra = Σ_k E‖ẑ^a(k) - m̂^a(k)‖ (Eq. 8): the distance of rows to their class's centre, over the
 * classes present.
 *
 * @param groups Of the rows
 * @param adversarial m̂^a `[G, D]`, the centres of `vectors`
 * @param vectors ẑ^a `[N, D]`
 * @param settings Sum over the classes, or mean; or the mean over all rows that count
 * @returns A scalar; 0 if every row is ignored
 * @throws {TypeError} If shapes differ
 *
 * @example Usage
 * ```ts
 * import { classCentres, classIntraLoss, groupByClass } from "@realign/core/losses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const groups = groupByClass(tf.tensor1d([0, 0, 1], "int32"), 2);
 * const vectors = tf.tensor2d([[1], [3], [7]]);
 * const centres = classCentres(groups, vectors);
 * const loss = classIntraLoss(groups, centres, vectors, { classReduction: "sum" });
 * assert.equal(loss.dataSync()[0], 1 + 0);
 * ```
 */
export function classIntraLoss(
  groups: ClassGroups,
  adversarial: tf.Tensor2D,
  vectors: tf.Tensor2D,
  settings: IntraClassSettings,
): tf.Scalar {
  const doing = "compute the intra-class loss";
  assertCentres(doing, groups, { adversarial });
  assertShapes(
    doing,
    { rowWeights: groups.rowWeights, vectors },
    { rowWeights: ["N"], vectors: ["N", adversarial.shape[1]] },
  );
  const own = exactMatMul<tf.Tensor2D>(groups.membership, adversarial); // [N, D]
  const distances = rowDistances(vectors, own);
  if (settings.intraReduction === "rows") {
    const valid = tf.cast(tf.greater(groups.rowWeights, 0), "float32");
    return tf.div(tf.sum(tf.mul(distances, valid)), tf.maximum(tf.sum(valid), 1));
  }
  const sum = tf.sum(tf.mul(distances, groups.rowWeights));
  return reduceClasses(sum, groups.weights, settings);
}

function reduceClasses(sum: tf.Tensor, weights: tf.Tensor, settings: ClassSettings): tf.Scalar {
  const count = tf.maximum(tf.sum(weights), 1);
  return (settings.classReduction === "sum" ? sum : tf.div(sum, count)) as tf.Scalar;
}

function assertCentres(
  doing: string,
  groups: ClassGroups,
  centres: Readonly<Record<string, tf.Tensor2D>>,
): void {
  const tensors = { weights: groups.weights, ...centres };
  const shapes = Object.fromEntries(Object.keys(centres).map((name) => [name, ["G", "D"]]));
  assertShapes(doing, tensors as Record<string, tf.Tensor>, { weights: ["G"], ...shapes });
}
