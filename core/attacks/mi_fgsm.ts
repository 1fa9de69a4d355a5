/**
 * The momentum iterative method, Dong et al. 2018.
 *
 * @module
 */
import { between, epsilonOver, type Option, option } from "../options.ts";
import { type AttackDefinition, defineAttack } from "./attack.ts";
import { createGradientAttack } from "./gradient_attack.ts";
import { norm, objective, returned, steps, stepSize, targeted } from "./gradient_options.ts";
import { gainFor } from "./objective.ts";
import { momentum } from "./stepper.ts";

/** Share of the gathered gradients that stays; the paper's is 1. */
export const decay: Option<number> = option(
  1,
  between(0, 10),
  "share of the gradients gathered so far that stays in each step",
);

/**
 * MI-FGSM: steps along the sign of gathered gradients, g <- decay g + grad / ||grad||_1, from the clean
 * image. Made for transfer: what is gathered depends less on the one network whose gradients it is of.
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
 * const settings = { name: "mi-fgsm", epsilon: 0.25, stepSize: 0.125, steps: 1, objective: "light" };
 * using attack = createAttack(settings, victim);
 * const clean = tf.tensor4d([0, 0.5, 1], [1, 1, 1, 3]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([0], "int32"), createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()], [0.125, 0.625, 1]);
 * ```
 */
export const miFgsm: AttackDefinition = defineAttack({
  title: "MI-FGSM",
  version: 1,
  options: {
    objective,
    decay,
    stepSize: option(epsilonOver(10), stepSize.range, stepSize.help),
    steps,
    norm,
    return: returned,
    targeted,
  },
  create(settings, victim) {
    const gain = gainFor(victim, settings.objective, settings.name);
    const stepper = momentum(settings.stepSize, settings.decay);
    return createGradientAttack(settings, victim, { gain, stepper });
  },
});
