/**
 * Loss terms whose networks are computed again in the backward pass.
 *
 * @module
 */
import { recomputed, type Turns } from "../backend/recompute.ts";
import type { Images } from "../dataset.ts";
import * as tf from "../tf.ts";

/** Loss terms by name. */
type Terms = Record<string, tf.Scalar>;

/**
 * Computes loss terms of restored images, of which nothing but their values is kept for the backward pass: see
 * {@linkcode recomputed}.
 *
 * @param restored x̂ `[B, H, W, 3]`
 * @param compute The terms, from x̂
 * @param turns Shared by all terms of a step
 * @returns The terms; differentiable
 *
 * @example Usage
 * ```ts
 * import { Turns } from "../backend/mod.ts";
 * import { recomputedTerms } from "./recomputed_terms.ts";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const gradient = tf.grad((x) => {
 *   const compute = (images: tf.Tensor4D) => ({ mean: tf.mean(images) as tf.Scalar });
 *   return recomputedTerms(x as tf.Tensor4D, compute, new Turns()).mean;
 * })(tf.ones([1, 1, 2, 1]));
 * assert.deepEqual([...gradient.dataSync()], [0.5, 0.5]);
 * ```
 */
export function recomputedTerms(
  restored: Images,
  compute: (restored: Images) => Terms,
  turns: Turns,
): Terms {
  let names: string[] = [];
  const values = recomputed(
    (images: Images) => {
      const terms = compute(images);
      names = Object.keys(terms);
      return names.length > 0 ? tf.stack(Object.values(terms)) : tf.tensor1d([]);
    },
    [],
    turns,
  )(restored);
  // The gradient of tf.unstack fails on a single term.
  const part = (index: number): tf.Scalar => tf.reshape(tf.slice(values, [index], [1]), []);
  return Object.fromEntries(names.map((name, index) => [name, part(index)]));
}
