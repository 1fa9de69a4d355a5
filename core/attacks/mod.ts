/**
 * Attacks on a victim: the table, and the parts that a task's own attacks are built from.
 *
 * @module
 */
import type * as tf from "../tf.ts";
import type { Attack, AttackDefinition, AttackSettings, AttackTable } from "./attack.ts";
import { bim } from "./bim.ts";
import { carliniWagner } from "./carlini_wagner.ts";
import { createFromTable } from "./create.ts";
import { deepfool } from "./deepfool.ts";
import { fgsm } from "./fgsm.ts";
import { mixture } from "./mixture.ts";
import { pgd } from "./pgd.ts";
import { pgdCw } from "./pgd_cw.ts";
import { strongest } from "./strongest.ts";
import type { Victim } from "./victim.ts";

export * from "./attack.ts";
export * from "./ball.ts";
export { resolveSettings } from "./create.ts";
export { requireDecisions, requireGradient } from "./decisions.ts";
export * from "./gradient_attack.ts";
export * from "./gradient_options.ts";
export { createMembers, type MemberSettings } from "./members.ts";
export * from "./objective.ts";
export * from "./objectives.ts";
export { confidence } from "./pgd_cw.ts";
export { type RandomStart, randomStart } from "./start.ts";
export * from "./stepper.ts";
export { strongestOf } from "./strongest.ts";
export * from "./system_victims.ts";
export * from "./victim.ts";

/** The attacks that need nothing of a task but its objectives, or its logits. */
export const attacks: Readonly<Record<string, AttackDefinition>> = {
  bim,
  "carlini-wagner": carliniWagner,
  deepfool,
  fgsm,
  mixture,
  pgd,
  "pgd-cw": pgdCw,
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
 * import { createAttack, createVictim, crossEntropy } from "@realign/core/attacks";
 * import { createRandom } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const weight = tf.tensor2d([[1, -1], [1, -1], [1, -1]]);
 * const victim = createVictim({
 *   name: "is it bright",
 *   forward: (images) => tf.matMul(tf.reshape(images, [-1, 3]), weight) as tf.Tensor2D,
 *   objectives: { "cross-entropy": crossEntropy },
 * });
 * using attack = createAttack({ name: "pgd", epsilon: 0.25 }, victim);
 * const clean = tf.tensor4d([0.25, 0.5, 1], [1, 1, 1, 3]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([0], "int32"), createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()], [0, 0.25, 0.75]);
 * ```
 */
export function createAttack<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  settings: AttackSettings,
  victim: Victim<O, L>,
  extra: AttackTable<O, L> = {},
): Attack<L> {
  const table: AttackTable<O, L> = { ...attacks, ...extra };
  return createFromTable(settings, victim, table);
}
