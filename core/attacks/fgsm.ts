/**
 * The fast gradient sign method, Goodfellow et al. 2015.
 *
 * @module
 */
import { type AttackDefinition, defineAttack } from "./attack.ts";
import { createGradientAttack } from "./gradient_attack.ts";
import { objective, targeted } from "./gradient_options.ts";
import { gainFor } from "./objective.ts";

/**
 * FGSM: one step of size epsilon along the gradient's sign, x^a = clip(x^c + epsilon sign(grad)).
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
 *   name: "light",
 *   forward: (images) => tf.sum(images, [1, 2, 3]) as tf.Tensor1D,
 *   objectives: { light: (output) => output },
 * });
 * using attack = createAttack({ name: "fgsm", epsilon: 0.25, objective: "light" }, victim);
 * const clean = tf.tensor4d([0, 0.5, 1], [1, 1, 1, 3]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([0], "int32"), createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()], [0.25, 0.75, 1]);
 * ```
 */
export const fgsm: AttackDefinition = defineAttack({
  title: "FGSM",
  version: 1,
  options: { objective, targeted },
  create(settings, victim) {
    const gain = gainFor(victim, settings.objective, settings.name);
    const whole = { ...settings, stepSize: settings.epsilon, steps: 1 };
    return createGradientAttack(whole, victim, { gain });
  },
});
