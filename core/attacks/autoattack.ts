/**
 * AutoAttack, Croce and Hein 2020: attacks of different kinds, none of which has anything to tune.
 *
 * @module
 */
import { oneOf, option, wholeFrom } from "../options.ts";
import type { MemberSettings } from "../preset.ts";
import type * as tf from "../tf.ts";
import { type AttackDefinition, type AttackTable, defineAttack, type Perturber } from "./attack.ts";
import { cascadeOf } from "./cascade.ts";
import { DLR_CLASSES, TARGETED_DLR_CLASSES } from "./dlr.ts";
import { norm } from "./gradient_options.ts";
import { createMembers } from "./members.ts";
import { expectationVictim } from "./system_victims.ts";
import type { Victim } from "./victim.ts";

/** Attacks in the order of the original, with what differs from their own defaults there. */
const VERSIONS = {
  standard: [
    { name: "apgd-ce", untilFooled: true },
    { name: "apgd-t", untilFooled: true },
    { name: "fab-t" },
    { name: "square" },
  ],
  plus: [
    { name: "apgd-ce", restarts: 5, untilFooled: true },
    { name: "apgd-dlr", restarts: 5, untilFooled: true },
    { name: "fab", restarts: 5 },
    { name: "square" },
    { name: "apgd-t", untilFooled: true },
    { name: "fab-t" },
  ],
  rand: [{ name: "apgd-ce" }, { name: "apgd-dlr" }],
} as const;

const FAST = [
  { name: "apgd-ce", steps: 50, untilFooled: true },
  { name: "apgd-t", targets: 3, untilFooled: true },
  { name: "square", queries: 1000 },
] as const;

/** Attacks that tasks of fewer classes do without. */
const LEAST_CLASSES = { "apgd-dlr": DLR_CLASSES, "apgd-t": TARGETED_DLR_CLASSES };

/** Creates AutoAttack: its attacks on `attacked`, and what is right decided by `victim`. */
function createAutoattack<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { name, epsilon, norm }: { name: string; epsilon: number; norm: "linf" | "l2" },
  members: readonly MemberSettings[],
  victim: Victim<O, L>,
  attacked: Victim<O, L>,
  table: AttackTable<O, L>,
): Perturber<L> {
  const settings = { name, epsilon, members: members.map((member) => ({ ...member, norm })) };
  return cascadeOf(name, victim, createMembers(settings, attacked, table), LEAST_CLASSES);
}

/**
 * AutoAttack, with the constants and the order of the original: each attack only gets what those before left
 * right. "standard" is APGD-CE, APGD-T, FAB-T and Square; "plus" has restarts, APGD-DLR and untargeted FAB
 * as well; "rand" is for random defenses: APGD-CE and APGD-DLR, with gradients averaged over draws, unless those of
 * the victim are averages already.
 *
 * APGD lets images go at the first of its checkpoints that finds them misclassified, where the original takes all steps
 * with them: robust accuracy is the same.
 *
 * Images that withstand all attacks are returned clean; those of a random victim are the strongest that were found.
 * APGD-DLR is left out where there are fewer than 3 classes, APGD-T where there are fewer than 4.
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { createAttack, createVictim, logitObjectives } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const victim = createVictim({
 *   name: "brightest channel",
 *   forward: (images) => tf.reshape(images, [-1, 3]) as tf.Tensor2D,
 *   objectives: logitObjectives((output: tf.Tensor2D) => output),
 *   logits: (output) => output,
 *   classOf: (labels: tf.Tensor1D) => labels,
 * });
 * using attack = createAttack({ name: "autoattack", epsilon: 0.25, version: "rand", draws: 1 }, victim);
 * const clean = tf.tensor4d([0.75, 0.5, 0.125, 1, 0.25, 0], [2, 1, 1, 3]);
 * (await attack.perturb(clean, tf.tensor1d([0, 0], "int32"), createRandom(1))).dispose();
 * assert.deepEqual(attack.survivors!(2), [
 *   { stage: "clean", left: 2 },
 *   { stage: "apgd-ce", left: 1 },
 *   { stage: "apgd-dlr", left: 1 },
 * ]);
 * ```
 */
export const autoattack: AttackDefinition = defineAttack({
  title: "AutoAttack",
  version: 3,
  options: {
    norm,
    version: option<keyof typeof VERSIONS>(
      "standard",
      oneOf("standard", "plus", "rand"),
      'which attacks: as published, more of them, or those for random defenses ("rand")',
    ),
    draws: option(
      20,
      wholeFrom(1, 1000),
      'draws over which version "rand" averages each gradient, unless the victim\'s are averages already',
    ),
  },
  create(settings, victim, table) {
    const { version, draws } = settings;
    const averages = version === "rand" && draws > 1 && !victim.averaged;
    const attacked = averages ? expectationVictim(victim, draws) : victim;
    return createAutoattack(settings, VERSIONS[version], victim, attacked, table);
  },
});

/**
 * A short form of AutoAttack for curves and quick looks: APGD-CE with 50 steps, APGD-T with 3 targets, Square
 * with 1,000 queries. Its figures are not those of AutoAttack.
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { createAttack, createVictim, logitObjectives } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const victim = createVictim({
 *   name: "brightest channel",
 *   forward: (images) => tf.reshape(images, [-1, 3]) as tf.Tensor2D,
 *   objectives: logitObjectives((output: tf.Tensor2D) => output),
 *   logits: (output) => output,
 *   classOf: (labels: tf.Tensor1D) => labels,
 * });
 * using attack = createAttack({ name: "autoattack-fast", epsilon: 0.25 }, victim);
 * const clean = tf.tensor4d([0.75, 0.5, 0.125], [1, 1, 1, 3]);
 * (await attack.perturb(clean, tf.tensor1d([0], "int32"), createRandom(1))).dispose();
 * const [, ce, targeted] = attack.survivors!(1);
 * assert.deepEqual([ce.stage, ce.left], ["apgd-ce", 0]);
 * assert.equal(targeted.leftOut, "needs 4 classes, and there are 3");
 * ```
 */
export const autoattackFast: AttackDefinition = defineAttack({
  title: "AutoAttack (fast)",
  version: 3,
  options: { norm },
  create: (settings, victim, table) => createAutoattack(settings, FAST, victim, victim, table),
});
