/**
 * Attacks on a victim model: the table, and the parts that a task's own attacks are built from.
 *
 * @module
 */
import type * as tf from "../tf.ts";
import type { Attack, AttackFactory, AttackSettings, TaskAttackFactory, Victim } from "./attack.ts";
import { bim } from "./bim.ts";
import { carliniWagner } from "./carlini_wagner.ts";
import { carliniWagnerL2 } from "./carlini_wagner_l2.ts";
import { deepfool } from "./deepfool.ts";
import { fgsm } from "./fgsm.ts";
import { lookUp } from "../names.ts";
import { mixture } from "./mixture.ts";
import { pgd } from "./pgd.ts";
import { strongest } from "./strongest.ts";

export * from "./attack.ts";
export * from "./ball.ts";
export * from "./bim.ts";
export * from "./carlini_wagner.ts";
export * from "./carlini_wagner_l2.ts";
export * from "./decisions.ts";
export * from "./deepfool.ts";
export * from "./fgsm.ts";
export * from "./gradient_attack.ts";
export * from "./mixture.ts";
export * from "./objectives.ts";
export * from "./pgd.ts";
export * from "./settings.ts";
export * from "./strongest.ts";

/** The attacks that need nothing of a task but its objectives, or its logits. */
export const attacks: Readonly<Record<string, AttackFactory>> = {
  bim,
  "carlini-wagner": carliniWagner,
  "carlini-wagner-l2": carliniWagnerL2,
  deepfool,
  fgsm,
  mixture,
  pgd,
  strongest,
};

/**
 * Makes an attack by its name.
 *
 * @param settings Which attack, and how it is set
 * @param victim What is attacked
 * @param extra Attacks of the task, which go before those of the table
 * @returns The attack; dispose it when done
 * @throws {RangeError} If there is no such attack, or a setting cannot work
 *
 * @example Usage
 * ```ts
 * import { createAttack, crossEntropy } from "@realign/core/attacks";
 * import { createRandom } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const weight = tf.tensor2d([[1, -1], [1, -1], [1, -1]]);
 * const victim = {
 *   name: "is it bright",
 *   forward: (images: tf.Tensor4D) => tf.matMul(tf.reshape(images, [-1, 3]), weight) as tf.Tensor2D,
 *   objectives: { "cross-entropy": crossEntropy },
 * };
 * using attack = createAttack({ name: "pgd", epsilon: 0.25 }, victim);
 * const clean = tf.tensor4d([0.25, 0.5, 1], [1, 1, 1, 3]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([0], "int32"), createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()], [0, 0.25, 0.75]);
 * ```
 */
export function createAttack<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  settings: AttackSettings,
  victim: Victim<O, L>,
  extra: Readonly<Record<string, TaskAttackFactory<O, L>>> = {},
): Attack<L> {
  const table: Readonly<Record<string, TaskAttackFactory<O, L>>> = { ...attacks, ...extra };
  const factory = lookUp(table, settings.name, `attack "${victim.name}"`, "the attack");
  return factory(settings, victim, table);
}
