/**
 * The basic iterative method, Kurakin et al. 2017.
 *
 * @module
 */
import { epsilonOver, option } from "../options.ts";
import { type AttackDefinition, defineAttack } from "./attack.ts";
import { createGradientAttack } from "./gradient_attack.ts";
import { objective, returned, steps, stepSize, targeted } from "./gradient_options.ts";
import { gainFor } from "./objective.ts";

/**
 * BIM: steps along the gradient's sign from the clean image itself. For a random start use "pgd".
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
 * const settings = { name: "bim", epsilon: 0.25, stepSize: 0.125, steps: 1, objective: "light" };
 * using attack = createAttack(settings, victim);
 * const clean = tf.tensor4d([0, 0.5, 1], [1, 1, 1, 3]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([0], "int32"), createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()], [0.125, 0.625, 1]);
 * ```
 */
export const bim: AttackDefinition = defineAttack({
  title: "BIM",
  version: 1,
  options: {
    objective,
    stepSize: option(epsilonOver(5), stepSize.range, stepSize.help),
    steps,
    return: returned,
    targeted,
  },
  create(settings, victim) {
    const gain = gainFor(victim, settings.objective, settings.name);
    return createGradientAttack(settings, victim, { gain });
  },
});
