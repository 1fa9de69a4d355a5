/**
 * PGD on Carlini and Wagner's margin loss.
 *
 * @module
 */
import { between, type Option, option } from "../options.ts";
import * as tf from "../tf.ts";
import { type AttackDefinition, defineAttack } from "./attack.ts";
import { decides, type DecidingVictim } from "./decisions.ts";
import { createGradientAttack } from "./gradient_attack.ts";
import { type Gain, gainFor } from "./objective.ts";
import { carliniWagnerMargin, margin } from "./objectives.ts";
import { pgdOptions } from "./pgd.ts";

/** How far beyond the decision boundary to push an example; Madry et al. use 50. */
export const confidence: Option<number> = option(
  50,
  between(0, 1e4),
  "how far beyond the decision boundary to push an example",
);

/**
 * PGD-CW: PGD on the margin loss -max(0, z_y - max_{j != y} z_j + confidence). It is what the paper's
 * "C&W" must be, since it has an epsilon and a step size; Carlini and Wagner's own minimum-norm L2
 * attack is "carlini-wagner".
 *
 * A victim without logits is attacked through its objective "cw-margin", which has its own confidence.
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
 *   name: "is the sum above 1?",
 *   forward: (images) => {
 *     const sum = tf.sum(images, [1, 2, 3]);
 *     return tf.stack([tf.sub(1, sum), tf.sub(sum, 1)], 1) as tf.Tensor2D;
 *   },
 *   objectives: {},
 *   logits: (output) => output,
 *   classOf: (labels: tf.Tensor1D) => labels,
 * });
 * using attack = createAttack({ name: "pgd-cw", epsilon: 0.25 }, victim);
 * const clean = tf.tensor4d([0.5, 0.5, 0.25], [1, 1, 1, 3]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([1], "int32"), createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()], [0.25, 0.25, 0]);
 * ```
 */
export const pgdCw: AttackDefinition = defineAttack({
  title: "PGD-CW",
  version: 1,
  options: { confidence, ...pgdOptions },
  create(settings, victim) {
    const gain = decides(victim)
      ? marginGain(victim, settings.confidence, settings.targeted)
      : gainFor(victim, "cw-margin", settings.name);
    return createGradientAttack(settings, victim, { gain });
  },
});

/** The margin of a victim's logits; if targeted, it is descended until the target leads by the confidence. */
function marginGain<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { logits, classOf }: DecidingVictim<O, L>,
  confidence: number,
  targeted: boolean,
): Gain<O, L> {
  return {
    reference: false,
    value: (output, { labels }) =>
      targeted
        ? tf.relu(tf.add(margin(logits(output), classOf(labels)), confidence))
        : carliniWagnerMargin(logits(output), classOf(labels), confidence),
  };
}
