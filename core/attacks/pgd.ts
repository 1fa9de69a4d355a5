/**
 * Projected gradient descent, Madry et al. 2018.
 *
 * @module
 */
import type * as tf from "../tf.ts";
import type { Attack, AttackSettings, Victim } from "./attack.ts";
import { createObjectiveAttack } from "./objective_attack.ts";

/**
 * Makes PGD: steps along the gradient's sign from a random point of the ball.
 *
 * Defaults: 10 steps of epsilon / 4, "cross-entropy", a uniform start, the last iterate. The paper's
 * training attack is `objective` "kl" from a "normal" start, as in TRADES.
 *
 * @param settings Which `objective` of the victim's is ascended, the ball, steps, start and restarts
 * @param victim What is attacked
 * @returns The attack
 * @throws {RangeError} If a setting cannot work, or the victim has no such objective
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { pgd } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const darkness = (images: tf.Tensor4D) => tf.neg(tf.sum(images, [1, 2, 3])) as tf.Tensor1D;
 * const victim = {
 *   name: "darkness",
 *   forward: darkness,
 *   objectives: { darkness: (output: tf.Tensor1D, _: tf.Tensor1D) => output },
 * };
 * using attack = pgd({ name: "pgd", epsilon: 0.25, objective: "darkness" }, victim);
 * assert.equal(attack.settings.stepSize, 0.0625);
 * const clean = tf.tensor4d([0, 0.5, 1], [1, 1, 1, 3]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([0], "int32"), createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()], [0, 0.25, 0.75]);
 * ```
 */
export function pgd<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  settings: AttackSettings,
  victim: Victim<O, L>,
): Attack<L> {
  return createObjectiveAttack(settings, victim, {
    stepSize: settings.epsilon / 4,
    steps: 10,
    objective: "cross-entropy",
    randomStart: "uniform",
    restarts: 1,
    return: "last",
    targeted: false,
  }, {});
}
