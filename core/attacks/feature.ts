/**
 * An attack on O's features.
 *
 * @module
 */
import { oneOf, option } from "../options.ts";
import { type AttackDefinition, defineAttack } from "./attack.ts";
import { createGradientAttack } from "./gradient_attack.ts";
import { norm, restarts, returned, steps, stepSize } from "./gradient_options.ts";
import { gainFor } from "./objective.ts";

/**
 * Ascends the very distance that G is trained to lower: PGD on the objective "features", how far O's
 * features move from those of the clean image (L_Frec, Eq. 6). It knows no label. Its gradient is 0 at the clean image, so
 * it starts elsewhere in the ball.
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { createAttack, createVictim, featureObjective } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const victim = createVictim({
 *   name: "light",
 *   forward: (images) => tf.sum(images, [2, 3]) as tf.Tensor2D,
 *   objectives: {
 *     features: featureObjective(
 *       (vectors: tf.Tensor2D, classes: tf.Tensor1D) => ({ vectors, classes }),
 *       (vectors) => vectors.shape[0],
 *     ),
 *   },
 * });
 * using attack = createAttack({ name: "feature", epsilon: 0.25 }, victim);
 * const clean = tf.tensor4d([0, 0.5, 1], [1, 1, 1, 3]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([0], "int32"), createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()], [0, 0.25, 0.75]);
 * ```
 */
export const feature: AttackDefinition = defineAttack({
  title: "Feature",
  version: 1,
  options: {
    stepSize,
    steps,
    norm,
    randomStart: option(
      "uniform",
      oneOf("uniform", "trades"),
      "starting point: uniform in the ball, or the clean image plus 0.001 N(0, 1) (TRADES)",
    ),
    restarts,
    return: returned,
  },
  create(settings, victim) {
    return createGradientAttack(settings, victim, {
      gain: gainFor(victim, "features", settings.name),
    });
  },
});
