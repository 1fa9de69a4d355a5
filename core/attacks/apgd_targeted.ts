/**
 * Targeted Auto-PGD: one run towards each of the classes that come next, Croce and Hein 2020.
 *
 * @module
 */
import { option, wholeFrom } from "../options.ts";
import * as tf from "../tf.ts";
import { apgdSteps, createApgd } from "./apgd.ts";
import { type AttackDefinition, defineAttack } from "./attack.ts";
import { requireClasses, requireDecisions } from "./decisions.ts";
import { TARGETED_DLR_CLASSES, targetedDlr } from "./dlr.ts";
import { norm, restarts, untilFooled } from "./gradient_options.ts";
import { margin } from "./objectives.ts";

/**
 * APGD on the targeted difference of logits ratio, towards each of the likeliest other classes of the clean
 * image in turn; any misclassification counts. It needs 4 classes.
 *
 * A run only gets the examples that no run before it has fooled.
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
 *   name: "brightest channel",
 *   forward: (images) => tf.reshape(images, [-1, 4]) as tf.Tensor2D,
 *   objectives: {},
 *   logits: (output) => output,
 *   classOf: (labels: tf.Tensor1D) => labels,
 * });
 * using attack = createAttack({ name: "apgd-t", epsilon: 0.25, steps: 10, targets: 2 }, victim);
 * const clean = tf.tensor4d([0.75, 0.5, 0.125, 0], [1, 1, 1, 4]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([0], "int32"), createRandom(1));
 * const [first, second] = adversarial.dataSync();
 * assert.ok(second > first);
 * ```
 */
export const apgdTargeted: AttackDefinition = defineAttack({
  title: "APGD-T",
  version: 2,
  options: {
    norm,
    steps: apgdSteps,
    restarts,
    targets: option(
      9,
      wholeFrom(1),
      "number of likeliest other classes; all others if there are fewer",
    ),
    untilFooled,
  },
  create(settings, victim) {
    const { name, targets } = settings;
    const { logits, classOf } = requireDecisions(victim, name);
    const others = (victim.gradientOf ?? victim).forward((output, _: tf.TensorContainerObject) => {
      const scores = logits(output);
      const [, classes] = scores.shape;
      requireClasses(victim, classes, name, TARGETED_DLR_CLASSES);
      const { indices } = tf.topk(scores, Math.min(targets + 1, classes));
      return tf.unstack(indices, 1).slice(1) as tf.Tensor1D[];
    }, `${name}: targets`);
    const attack = createApgd(settings, victim, {
      gain: {
        reference: false,
        value: (output, { labels, drawn }) =>
          targetedDlr(logits(output), classOf(labels), drawn!.target as tf.Tensor1D),
      },
      // The ratios of different targets cannot be compared.
      compared: {
        reference: false,
        value: (output, { labels }) => margin(logits(output), classOf(labels)),
      },
      runs: async (clean, _, random) =>
        (await others(clean, {}, random)).map((target) => ({ target })),
    });
    return {
      ...attack,
      [Symbol.dispose]() {
        attack[Symbol.dispose]();
        others[Symbol.dispose]();
      },
    };
  },
});
