/**
 * The features that losses are computed from, by the name in `losses.features`.
 *
 * @module
 */
import { lookUp } from "../names.ts";
import type { LabelledFeatures, TaskAdapter } from "../task.ts";
import * as tf from "../tf.ts";
import { PENULTIMATE, type ResolvedLosses } from "./setting.ts";

/** Features of an output and their classes. */
export type FeatureExtractor<O, L> = (output: O, labels: L) => LabelledFeatures;

/** What is asked of a task. */
export type FeatureSource<O extends tf.TensorContainer, L extends tf.TensorContainer> =
  & Pick<TaskAdapter<O, L>, "extractFeatures" | "features" | "featureMap">
  & Partial<Pick<TaskAdapter<O, L>, "name">>;

/**
 * Looks up how a task's features are extracted.
 *
 * @param task Named in errors
 * @param settings The name
 * @returns From O's output and labels to features
 * @throws {RangeError} If the task has no features of that name
 *
 * @example Usage
 * ```ts
 * import { extractorOf } from "./features_by_name.ts";
 * import { createToyTask } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * extractorOf(createToyTask(), { features: "logits" });
 * assert.throws(() => extractorOf(createToyTask(), { features: "logit" }), /did you mean "logits"/);
 * ```
 */
export function extractorOf<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  task: FeatureSource<O, L>,
  { features }: Pick<ResolvedLosses, "features">,
): FeatureExtractor<O, L> {
  const known: Record<string, FeatureExtractor<O, L>> = {
    ...task.features,
    [PENULTIMATE]: (output, labels) => task.extractFeatures(output, labels),
  };
  return lookUp(known, features, `train ${task.name ?? "G"}`, "the features");
}

/**
 * How a task's whole map of features is found.
 *
 * @param task Named in errors
 * @returns From O's output to `[B, h, w, D]`
 * @throws {RangeError} If the task has no map
 *
 * @example Usage
 * ```ts
 * import { mapOf } from "./features_by_name.ts";
 * import { createToyTask } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * assert.throws(() => mapOf(createToyTask()), /as toy has no map of features/);
 * ```
 */
export function mapOf<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  task: FeatureSource<O, L>,
): (output: O) => tf.Tensor4D {
  if (task.featureMap) return (output) => task.featureMap!(output);
  throw new RangeError(
    `Cannot compute L_Frec of a whole map as ${
      task.name ?? "the task"
    } has no map of features: set losses.reconstructionFeatures to "rows"`,
  );
}

/**
 * Gives rows without a class a class of their own, K, if the settings say so.
 *
 * @param features Classes in `[0, K)`, or -1
 * @param classCount K
 * @param settings "skip" leaves everything as it is
 * @returns Features, and the number of classes that they now have
 *
 * @example Usage
 * ```ts
 * import { countIgnored } from "./features_by_name.ts";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const features = { vectors: tf.zeros<tf.Rank.R2>([2, 1]), classes: tf.tensor1d([-1, 1], "int32") };
 * const { classes, classCount } = countIgnored(features, 3, { ignored: "class" });
 * assert.deepEqual([...classes.dataSync()], [3, 1]);
 * assert.equal(classCount, 4);
 * ```
 */
export function countIgnored(
  features: LabelledFeatures,
  classCount: number,
  { ignored }: Pick<ResolvedLosses, "ignored">,
): LabelledFeatures & { readonly classCount: number } {
  if (ignored === "skip") return { ...features, classCount };
  const { vectors, classes } = features;
  const last = tf.fill(classes.shape, classCount, "int32") as tf.Tensor1D;
  const own = tf.where(tf.less(classes, 0), last, classes);
  return { vectors, classes: own, classCount: classCount + 1 };
}
