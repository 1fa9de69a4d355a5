/**
 * Carlini and Wagner's margin, ascended in an L-infinity ball.
 *
 * @module
 */
import type { Objective } from "../task.ts";
import * as tf from "../tf.ts";
import type { Attack, AttackSettings, Victim } from "./attack.ts";
import { decides } from "./decisions.ts";
import { createGradientAttack } from "./gradient_attack.ts";
import { lookUp } from "../names.ts";
import { carliniWagnerMargin, margin } from "./objectives.ts";
import { resolveSettings } from "./settings.ts";

/**
 * Makes PGD on the margin of Carlini and Wagner: what "C&W" with an epsilon and a step size means.
 *
 * Defaults: confidence 50 (Madry et al.), 10 steps of epsilon / 4, a uniform start, the last iterate.
 * A victim without logits is attacked through its objective "carlini-wagner", whose confidence is
 * its own.
 *
 * @param settings The ball, `confidence`, steps, start and restarts
 * @param victim What is attacked
 * @returns The attack
 * @throws {RangeError} If a setting cannot work, or the victim has neither logits nor the objective
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { carliniWagner } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const victim = {
 *   name: "is the sum above 1?",
 *   forward: (images: tf.Tensor4D) => {
 *     const sum = tf.sum(images, [1, 2, 3]);
 *     return tf.stack([tf.sub(1, sum), tf.sub(sum, 1)], 1) as tf.Tensor2D;
 *   },
 *   objectives: {},
 *   logits: (output: tf.Tensor2D) => output,
 *   classOf: (labels: tf.Tensor1D) => labels,
 * };
 * using attack = carliniWagner({ name: "carlini-wagner", epsilon: 0.25 }, victim);
 * const clean = tf.tensor4d([0.5, 0.5, 0.25], [1, 1, 1, 3]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([1], "int32"), createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()], [0.25, 0.25, 0]);
 * ```
 */
export function carliniWagner<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  settings: AttackSettings,
  victim: Victim<O, L>,
): Attack<L> {
  const { confidence, ...resolved } = resolveSettings(settings, {
    stepSize: settings.epsilon / 4,
    steps: 10,
    confidence: 50,
    randomStart: "uniform",
    restarts: 1,
    return: "last",
    targeted: false,
  });
  const objective = decides(victim)
    ? onLogits(victim.logits, victim.classOf, confidence, resolved.targeted)
    : lookUp(
      victim.objectives,
      "carlini-wagner",
      `attack "${victim.name}" by "${resolved.name}"`,
      "the objective",
    );
  const attack = createGradientAttack(
    { ...resolved, objective: "carlini-wagner" },
    victim,
    objective,
  );
  return { ...attack, settings: { ...resolved, confidence } };
}

/** The margin of a victim's logits; for a target, it is descended until the target leads by the confidence. */
function onLogits<O, L>(
  logits: (output: O) => tf.Tensor2D,
  classOf: (labels: L) => tf.Tensor1D,
  confidence: number,
  targeted: boolean,
): Objective<O, L> {
  return targeted
    ? (output, labels) => tf.relu(tf.add(margin(logits(output), classOf(labels)), confidence))
    : (output, labels) => carliniWagnerMargin(logits(output), classOf(labels), confidence);
}
