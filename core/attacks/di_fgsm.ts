/**
 * The method of diverse inputs, Xie et al. 2019.
 *
 * @module
 */
import { between, epsilonOver, option } from "../options.ts";
import { type AttackDefinition, defineAttack } from "./attack.ts";
import { diverseVictim } from "./diverse_victim.ts";
import { createGradientAttack } from "./gradient_attack.ts";
import { norm, objective, steps, stepSize, targeted } from "./gradient_options.ts";
import { decay } from "./mi_fgsm.ts";
import { gainFor } from "./objective.ts";
import { momentum } from "./stepper.ts";

/**
 * DI-FGSM: MI-FGSM with gradients at images that were shrunk to a random size and padded at a random
 * place, each with `probability`. It is the paper's M-DI2-FGSM; with a `decay` of 0 it is
 * their DI2-FGSM. The paper enlarges 299 pixels to at most 330, for a network that takes any size; here the varied
 * image is as large as the image.
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
 * using attack = createAttack({ name: "di-fgsm", epsilon: 0.25, objective: "light" }, victim);
 * const clean = tf.fill<tf.Rank.R4>([1, 8, 8, 3], 0.5);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([0], "int32"), createRandom(1));
 * assert.ok(adversarial.dataSync().every((value) => Math.abs(value - 0.75) < 1e-6));
 * ```
 */
export const diFgsm: AttackDefinition = defineAttack({
  title: "DI-FGSM",
  version: 1,
  options: {
    objective,
    probability: option(0.5, between(0, 1), "share of images that are varied in a step"),
    smallest: option(
      0.9,
      between(0.1, 1),
      "smallest size of a varied image, as a fraction of the image's",
    ),
    decay,
    stepSize: option(epsilonOver(10), stepSize.range, stepSize.help),
    steps,
    norm,
    targeted,
  },
  create(settings, victim) {
    const { name, stepSize, decay } = settings;
    const gain = gainFor(victim, settings.objective, name);
    const stepper = momentum(stepSize, decay);
    return createGradientAttack(settings, diverseVictim(victim, name, settings), { gain, stepper });
  },
});
