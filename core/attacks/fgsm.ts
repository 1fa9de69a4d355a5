/**
 * The fast gradient sign method, Goodfellow et al. 2015.
 *
 * @module
 */
import type * as tf from "../tf.ts";
import type { Attack, AttackSettings, Victim } from "./attack.ts";
import { createObjectiveAttack } from "./objective_attack.ts";

/**
 * Makes FGSM: one step of size epsilon along the gradient's sign.
 *
 * @param settings Which `objective` of the victim's is ascended (default "cross-entropy"), and epsilon
 * @param victim What is attacked
 * @returns The attack
 * @throws {RangeError} If a setting cannot work, or the victim has no such objective
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { fgsm } from "@realign/core/attacks";
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
 * using attack = fgsm({ name: "fgsm", epsilon: 0.25, objective: "light" }, victim);
 * const clean = tf.tensor4d([0, 0.5, 1], [1, 1, 1, 3]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([0], "int32"), createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()], [0.25, 0.75, 1]);
 * ```
 */
export function fgsm<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  settings: AttackSettings,
  victim: Victim<O, L>,
): Attack<L> {
  return createObjectiveAttack(
    settings,
    victim,
    { objective: "cross-entropy", targeted: false },
    { stepSize: settings.epsilon, steps: 1, randomStart: "none", restarts: 1, return: "last" },
  );
}
