/**
 * L_g, the total loss of G (Eq. 9 and 10), and its terms.
 *
 * @module
 */
import type { LossWeights } from "../preset.ts";
import * as tf from "../tf.ts";
import type { ResolvedLosses } from "./setting.ts";

/** Terms of L_g by name, unweighted; a term with weight 0 is absent. */
export type LossTerms<Names extends keyof LossWeights = keyof LossWeights> = Readonly<
  Partial<Record<Names, tf.Scalar>>
>;

/** The terms of Eq. 1 to 4. */
export type PixelTerm = "reconstruction" | "perceptual" | "adversarial" | "featureMatching";

/** The terms of Eq. 5 to 8. */
export type FeatureTerm = Exclude<keyof LossWeights, PixelTerm>;

/**
 * L_g = λ4 L_r + λ5 L_p + λ6 L_GANg + λ7 L_m + λ8 L_Ftask + λ9 L_Frec + λ1 L_Falign + λ2 L_Finter +
 * λ3 L_Fintra (Eq. 9 and 10).
 *
 * @param terms From {@linkcode pixelLosses} and {@linkcode featureLosses}
 * @param settings From {@linkcode resolveLosses}
 * @returns The weighted sum
 *
 * @example Usage
 * ```ts
 * import { generatorLoss, resolveLosses } from "@realign/core/losses";
 * import { paperLosses } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const settings = resolveLosses({
 *   ...paperLosses,
 *   weights: { ...paperLosses.weights, reconstruction: 10, task: 2 },
 * });
 * const terms = { reconstruction: tf.scalar(0.5), task: tf.scalar(0.25) };
 * assert.equal(generatorLoss(terms, settings).dataSync()[0], 10 * 0.5 + 2 * 0.25);
 * ```
 */
export function generatorLoss(
  terms: LossTerms,
  { weights }: Pick<ResolvedLosses, "weights">,
): tf.Scalar {
  const weighted = (Object.entries(terms) as [keyof LossWeights, tf.Scalar][])
    .map(([name, term]) => tf.mul(term, weights[name]));
  return tf.addN(weighted) as tf.Scalar;
}

/** Computes the terms with weight above 0, in order. */
export function computeTerms<Names extends keyof LossWeights>(
  compute: Readonly<Record<Names, () => tf.Scalar>>,
  { weights }: ResolvedLosses,
): LossTerms<Names> {
  const wanted = (Object.keys(compute) as Names[]).filter((name) => weights[name] > 0);
  return Object.fromEntries(wanted.map((name) => [name, compute[name]()])) as LossTerms<Names>;
}

/** Computes at the first call and caches the result. */
export function once<T>(compute: () => T): () => T {
  let result: { readonly value: T } | undefined;
  return () => (result ??= { value: compute() }).value;
}
