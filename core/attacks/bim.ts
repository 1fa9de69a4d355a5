/**
 * The basic iterative method, Kurakin et al. 2017.
 *
 * @module
 */
import type * as tf from "../tf.ts";
import type { Attack, AttackSettings, Victim } from "./attack.ts";
import { createObjectiveAttack } from "./objective_attack.ts";

/**
 * Makes BIM: steps along the gradient's sign from the clean image itself.
 *
 * Defaults: 10 steps of epsilon / 5, "cross-entropy", the last iterate. For a random start take pgd.
 *
 * @param settings Which `objective` of the victim's is ascended, the ball and the steps
 * @param victim What is attacked
 * @returns The attack
 * @throws {RangeError} If a setting cannot work, or the victim has no such objective
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { bim } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const light = (images: tf.Tensor4D) => tf.sum(images, [1, 2, 3]) as tf.Tensor1D;
 * const victim = {
 *   name: "light",
 *   forward: light,
 *   objectives: { light: (output: tf.Tensor1D, _: tf.Tensor1D) => output },
 * };
 * const settings = { name: "bim", epsilon: 0.25, stepSize: 0.125, steps: 1, objective: "light" };
 * using attack = bim(settings, victim);
 * const clean = tf.tensor4d([0, 0.5, 1], [1, 1, 1, 3]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([0], "int32"), createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()], [0.125, 0.625, 1]);
 * ```
 */
export function bim<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  settings: AttackSettings,
  victim: Victim<O, L>,
): Attack<L> {
  return createObjectiveAttack(settings, victim, {
    stepSize: settings.epsilon / 5,
    steps: 10,
    objective: "cross-entropy",
    return: "last",
    targeted: false,
  }, { randomStart: "none", restarts: 1 });
}
