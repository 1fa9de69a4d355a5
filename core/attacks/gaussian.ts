/**
 * Gaussian noise: no attack on anybody, but what a denoising G is trained on.
 *
 * @module
 */
import { between, type Option, option } from "../options.ts";
import * as tf from "../tf.ts";
import { type AttackDefinition, defineAttack, type Perturber } from "./attack.ts";
import { ballAround, project } from "./ball.ts";

/** The `sigma` option. */
const sigma: Option<number> = option(
  0.25,
  between(1e-6, 100),
  "standard deviation of the noise of a pixel",
);

/**
 * Gaussian noise, x^a = clip(x^c + N(0, sigma^2 I)): what G is trained on to denoise for `realign certify` (denoised
 * smoothing, Salman et al. 2020). It asks the victim nothing. An `epsilon` of 1 or more leaves the noise whole, a smaller
 * one cuts it off.
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { createAttack, createVictim } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const victim = createVictim({
 *   name: "anyone",
 *   forward: (images) => tf.sum(images, [1, 2, 3]) as tf.Tensor1D,
 *   objectives: {},
 * });
 * using noise = createAttack({ name: "gaussian", epsilon: 1, sigma: 0.1 }, victim);
 * const grey = tf.fill([1, 32, 32, 3], 0.5) as tf.Tensor4D;
 * const noisy = await noise.perturb(grey, tf.tensor1d([0], "int32"), createRandom(1));
 * const { mean, variance } = tf.moments(noisy);
 * assert.ok(Math.abs(mean.dataSync()[0] - 0.5) < 0.01);
 * assert.ok(Math.abs(Math.sqrt(variance.dataSync()[0]) - 0.1) < 0.01);
 * ```
 */
export const gaussian: AttackDefinition = defineAttack({
  title: "Gaussian noise",
  version: 1,
  options: { sigma },
  create: (settings) => noiseOf(settings),
});

function noiseOf(
  { epsilon, sigma }: { readonly epsilon: number; readonly sigma: number },
): Perturber<unknown> {
  return {
    perturb: (clean, _labels, random) =>
      Promise.try(() =>
        tf.tidy(() => {
          const noise = tf.tensor4d(random.normals(clean.size, sigma), clean.shape);
          return project(tf.add(clean, noise), ballAround(clean, epsilon));
        })
      ),
    [Symbol.dispose]() {},
  };
}
