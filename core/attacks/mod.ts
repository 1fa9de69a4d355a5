/**
 * Attacks: the table, and the parts for building a task's own attacks.
 *
 * @module
 */
import type * as tf from "../tf.ts";
import { apgd, apgdCe, apgdDlr } from "./apgd.ts";
import { apgdTargeted } from "./apgd_targeted.ts";
import type { Attack, AttackDefinition, AttackSettings, AttackTable } from "./attack.ts";
import { autoattack, autoattackFast } from "./autoattack.ts";
import { bim } from "./bim.ts";
import { carliniWagner } from "./carlini_wagner.ts";
import { createFromTable } from "./create.ts";
import { deepfool } from "./deepfool.ts";
import { diFgsm } from "./di_fgsm.ts";
import { feature } from "./feature.ts";
import { fab, fabTargeted } from "./fab.ts";
import { fgsm } from "./fgsm.ts";
import { hopSkipJump } from "./hop_skip_jump.ts";
import { latent } from "./latent.ts";
import { miFgsm } from "./mi_fgsm.ts";
import { gaussian } from "./gaussian.ts";
import { mixture } from "./mixture.ts";
import { noise } from "./noise.ts";
import { pgd } from "./pgd.ts";
import { pgdCw } from "./pgd_cw.ts";
import { square } from "./square.ts";
import { strongest } from "./strongest.ts";
import type { Victim } from "./victim.ts";

export { type ApgdPlan, type ApgdSettings, apgdSteps, createApgd } from "./apgd.ts";
export { type Climb, type ClimbFrom, type ClimbPlan, createClimb } from "./apgd_climb.ts";
export {
  type Attack,
  type AttackDefinition,
  type AttackSettings,
  type AttackTable,
  defineAttack,
  defineTaskAttack,
  type Perturber,
  type ResolvedSettings,
  type Survivors,
  type TaskAttackDefinition,
} from "./attack.ts";
export {
  type Ball,
  ballAround,
  isWithin,
  l2,
  linf,
  type Norm,
  project,
  ROUNDING,
  selectExamples,
} from "./ball.ts";
export { type Convergence, type ConvergingVictim, convergingVictim } from "./converging_victim.ts";
export { resolveSettings, SMALLEST_EPSILON } from "./create.ts";
export { requireDecisions, requireGradient } from "./decisions.ts";
export { dlr, targetedDlr } from "./dlr.ts";
export { featureObjective } from "./feature_objective.ts";
export {
  createGradientAttack,
  type GradientPlan,
  type GradientSettings,
} from "./gradient_attack.ts";
export {
  norm,
  objective,
  restarts,
  returned,
  steps,
  stepSize,
  targeted,
} from "./gradient_options.ts";
export { createMembers, members } from "./members.ts";
export type { MemberSettings } from "../preset.ts";
export {
  type Gain,
  gainOf,
  type Given,
  type Objective,
  objectiveValue,
  type PlainObjective,
  type ReferencedObjective,
} from "./objective.ts";
export {
  carliniWagnerMargin,
  crossEntropy,
  klDivergence,
  logitObjectives,
  margin,
} from "./objectives.ts";
export { confidence } from "./pgd_cw.ts";
export { type RandomStart, randomStart } from "./start.ts";
export { type Moment, momentum, steepest, type Stepper } from "./stepper.ts";
export { strongestOf } from "./strongest.ts";
export { queryVictim } from "./query_victim.ts";
export {
  bpdaVictim,
  exactVictim,
  expectationVictim,
  substituteVictim,
  type VictimSource,
} from "./system_victims.ts";
export { stoppableVictim } from "./stoppable_victim.ts";
export {
  type Ascent,
  type Asked,
  createVictim,
  type DifferentiableModel,
  type Query,
  type Victim,
  type VictimManifold,
} from "./victim.ts";

/** The attacks that need only a task's objectives or logits. */
export const attacks: Readonly<Record<string, AttackDefinition>> = {
  apgd,
  "apgd-ce": apgdCe,
  "apgd-dlr": apgdDlr,
  "apgd-t": apgdTargeted,
  autoattack,
  "autoattack-fast": autoattackFast,
  bim,
  "carlini-wagner": carliniWagner,
  deepfool,
  "di-fgsm": diFgsm,
  feature,
  fab,
  "fab-t": fabTargeted,
  fgsm,
  "hop-skip-jump": hopSkipJump,
  latent,
  "mi-fgsm": miFgsm,
  gaussian,
  mixture,
  noise,
  pgd,
  "pgd-cw": pgdCw,
  square,
  strongest,
};

/**
 * Creates an attack by name.
 *
 * @param settings Name and options of the attack
 * @param victim The victim
 * @param extra Attacks of the task, which take precedence over the table
 * @returns The attack; dispose it when done
 * @throws {RangeError} If the attack is unknown or a setting invalid
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
