/**
 * The strongest of several attacks, example by example.
 *
 * @module
 */
import { HeldTensors } from "../held_tensors.ts";
import { option } from "../options.ts";
import type * as tf from "../tf.ts";
import { type Attack, type AttackDefinition, defineAttack, type Perturber } from "./attack.ts";
import { objective } from "./gradient_options.ts";
import { createComparison, givenFor } from "./judge.ts";
import { createMembers, disposeMembers, members, sharedNorm } from "./members.ts";
import { type Gain, gainFor } from "./objective.ts";
import { strongestImages } from "./strongest_images.ts";
import type { Victim } from "./victim.ts";

/**
 * An attack that runs all its members and keeps, for each example, the images that fool the victim, or
 * else those with the highest `objective`.
 *
 * @example Usage
 * ```ts
 * import { createAttack, createVictim } from "@realign/core/attacks";
 * import { createRandom } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const victim = createVictim({
 *   name: "room",
 *   forward: (images) => images,
 *   objectives: {
 *     light: (output) => tf.sum(output, [1, 2, 3]) as tf.Tensor1D,
 *     dark: (output) => tf.neg(tf.sum(output, [1, 2, 3])) as tf.Tensor1D,
 *     far: (output) => tf.sum(tf.abs(tf.sub(output, 0.4)), [1, 2, 3]) as tf.Tensor1D,
 *   },
 * });
 * const members = ["light", "dark"].map((objective) => ({ name: "fgsm", objective }));
 * using attack = createAttack({ name: "strongest", epsilon: 0.25, objective: "far", members }, victim);
 * const clean = tf.tensor4d([0.25, 0.5], [2, 1, 1, 1]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([0, 0]), createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()], [0, 0.75]);
 * ```
 */
export const strongest: AttackDefinition = defineAttack({
  title: "Strongest",
  version: 1,
  options: {
    members,
    objective: option("cross-entropy", objective.range, "objective that decides between them"),
  },
  create(settings, victim, table) {
    const { name, objective } = settings;
    const gain = gainFor(victim, objective, name);
    return strongestOf(name, victim, createMembers(settings, victim, table), gain);
  },
});

/**
 * Combines existing attacks into one that keeps the strongest result.
 *
 * @param name Of the combined attack
 * @param victim The victim
 * @param attacks The members; disposed with it
 * @param gain Decides between results
 * @returns The attack
 */
export function strongestOf<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  name: string,
  victim: Victim<O, L>,
  attacks: readonly Attack<L>[],
  gain: Gain<O, L>,
): Perturber<L> {
  const comparison = createComparison(name, victim, gain, false);

  return {
    members: attacks,
    ...sharedNorm(attacks),
    async perturb(clean, labels, random) {
      using held = new HeldTensors();
      const given = await givenFor(comparison, clean, labels, random, held);
      return await strongestImages(
        { judge: comparison.judge, positional: victim.positional, count: attacks.length },
        { clean, given, inputs: [] },
        (index, { clean, given: { labels } }) =>
          attacks[index].perturb(clean, labels, random.fork("member", index)),
        random,
      );
    },
    [Symbol.dispose]() {
      disposeMembers(attacks);
      comparison[Symbol.dispose]();
    },
  };
}
