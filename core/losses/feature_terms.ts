/**
 * The terms of L_g computed from O's features: Eq. 5 to 8.
 *
 * @module
 */
import type { TaskAdapter } from "../task.ts";
import * as tf from "../tf.ts";
import { classCentres, groupByClass } from "./class_groups.ts";
import { meanAbsoluteDifference } from "./distance.ts";
import {
  classAlignLoss,
  classInterLoss,
  classIntraLoss,
  featureReconstructionLoss,
} from "./feature.ts";
import { countIgnored, extractorOf, type FeatureSource, mapOf } from "./features_by_name.ts";
import { half } from "./portions.ts";
import type { ResolvedLosses } from "./setting.ts";
import { computeTerms, type FeatureTerm, type LossTerms, once } from "./total.ts";

/** Inputs of the feature terms. */
export interface FeatureLossInputs<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  readonly task: FeatureSource<O, L> & Pick<TaskAdapter<O, L>, "classCount" | "taskLoss">;
  /** y^c of the B examples. */
  readonly labels: L;
  /** O(x̂^c), then O(x̂^a): the first axis of every tensor is 2B. Computed once, if any term needs it. */
  readonly output: () => O;
  /** z^c `[N, D]`. Computed once, if any term needs it. */
  readonly cleanFeatures: () => tf.Tensor2D;
  /** The map `[B, h, w, D]` of x^c, where L_Frec is of whole maps. */
  readonly cleanMap?: () => tf.Tensor4D;
}

/**
 * L_Feat (Eq. 5), L_Frec (Eq. 6), L_Falign (Eq. 7), L_Finter and L_Fintra (Eq. 8).
 *
 * @param inputs Task, labels, O's output on restored images, z^c
 * @param settings From {@linkcode resolveLosses}
 * @returns The terms
 * @throws {RangeError} If the task has not the features, or the map, that the settings name
 * @throws {TypeError} If L_Frec is of whole maps, and that of x^c is missing
 *
 * @example Usage
 * ```ts
 * import { featureLosses, resolveLosses } from "@realign/core/losses";
 * import { paperLosses } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const { task, featureReconstruction } = featureLosses({
 *   task: {
 *     classCount: 2,
 *     extractFeatures: (vectors: tf.Tensor2D, classes: tf.Tensor1D) => ({ vectors, classes }),
 *     taskLoss: (vectors: tf.Tensor2D) => tf.mean(vectors),
 *   },
 *   labels: tf.tensor1d([0], "int32"),
 *   output: () => tf.tensor2d([[0.5, 0.5], [0.75, 0.75]]),
 *   cleanFeatures: () => tf.tensor2d([[0.25, 0.25]]),
 * }, resolveLosses(paperLosses));
 * assert.equal(task!.dataSync()[0], 0.5 + 0.75);
 * assert.equal(featureReconstruction!.dataSync()[0], 0.25 + 0.5);
 * ```
 */
export function featureLosses<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { task, labels, ...inputs }: FeatureLossInputs<O, L>,
  settings: ResolvedLosses,
): LossTerms<FeatureTerm> {
  const output = once(inputs.output);
  const outputs = [once(() => half(output(), 0)), once(() => half(output(), 1))];
  const known = once(inputs.cleanFeatures);
  const extract = extractorOf(task, settings);
  const features = outputs.map((part) =>
    once(() => countIgnored(extract(part(), labels), task.classCount, settings))
  );
  const vectors = () => features[1]().vectors;
  const groups = once(() => groupByClass(features[1]().classes, features[1]().classCount));
  const centres = once(() => classCentres(groups(), vectors()));
  return computeTerms({
    task: () => {
      const [onClean, onAdversarial] = outputs.map((part) => task.taskLoss(part(), labels));
      const { cleanWeight } = settings;
      return tf.add(cleanWeight === 1 ? onClean : tf.mul(onClean, cleanWeight), onAdversarial);
    },
    featureReconstruction: () => {
      const [onClean, onAdversarial] = settings.reconstructionFeatures === "map"
        ? mapDistances(mapOf(task), outputs, inputs.cleanMap)
        : features.map((part) => featureReconstructionLoss(known(), part()));
      return tf.add(onClean, onAdversarial);
    },
    classAlign: () =>
      classAlignLoss(groups(), classCentres(groups(), known()), centres(), settings),
    classInter: () => classInterLoss(groups(), centres(), settings),
    classIntra: () => classIntraLoss(groups(), centres(), vectors(), settings),
  }, settings);
}

/** L_Frec of each part, of whole maps. */
function mapDistances<O>(
  mapOf: (output: O) => tf.Tensor4D,
  outputs: readonly (() => O)[],
  cleanMap: FeatureLossInputs<tf.TensorContainer, tf.TensorContainer>["cleanMap"],
): tf.Scalar[] {
  if (!cleanMap) {
    throw new TypeError("Cannot compute L_Frec of whole maps as cleanMap must be given");
  }
  const clean = cleanMap();
  return outputs.map((part) => meanAbsoluteDifference(mapOf(part()), clean));
}
