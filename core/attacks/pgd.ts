/**
 * Projected gradient descent, Madry et al. 2018.
 *
 * @module
 */
import { type AttackDefinition, defineAttack } from "./attack.ts";
import { createGradientAttack } from "./gradient_attack.ts";
import {
  norm,
  objective,
  restarts,
  returned,
  steps,
  stepSize,
  targeted,
  untilFooled,
} from "./gradient_options.ts";
import { gainFor } from "./objective.ts";
import { randomStart } from "./start.ts";

/** The options of PGD on whatever objective. */
export const pgdOptions = {
  stepSize,
  steps,
  norm,
  randomStart,
  restarts,
  return: returned,
  targeted,
  untilFooled,
};

/**
 * PGD: steps along the gradient's sign (`norm` "l2": along the gradient) from a random point of the
 * ball. The paper's training attack is the `objective` "kl" from a "trades" start (Zhang et al. 2019).
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
 *   name: "darkness",
 *   forward: (images) => tf.neg(tf.sum(images, [1, 2, 3])) as tf.Tensor1D,
 *   objectives: { darkness: (output) => output },
 * });
 * using attack = createAttack({ name: "pgd", epsilon: 0.25, objective: "darkness" }, victim);
 * assert.equal(attack.settings.stepSize, 0.0625);
 * const clean = tf.tensor4d([0, 0.5, 1], [1, 1, 1, 3]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([0], "int32"), createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()], [0, 0.25, 0.75]);
 * ```
 */
export const pgd: AttackDefinition = defineAttack({
  title: "PGD",
  version: 1,
  options: { objective, ...pgdOptions },
  create(settings, victim) {
    const gain = gainFor(victim, settings.objective, settings.name);
    return createGradientAttack(settings, victim, { gain });
  },
});
