/**
 * Several attacks in turn, as the seed has it.
 *
 * @module
 */
import type * as tf from "../tf.ts";
import type { Attack, AttackSettings, TaskAttackFactory, Victim } from "./attack.ts";
import { createMembers } from "./members.ts";
import { resolveSettings } from "./settings.ts";

/**
 * Makes an attack that draws, for each batch, one of its members, all equally likely. The paper's
 * detectors are trained so, on attacks of their classes and of their locations.
 *
 * @param settings `members`, each with settings of its own but for epsilon, which is the mixture's
 * @param victim What is attacked
 * @param table Every attack by name
 * @returns The attack
 * @throws {RangeError} If there is no member, or one cannot be made
 *
 * @example Usage
 * ```ts
 * import { createAttack } from "@realign/core/attacks";
 * import { createRandom } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const light = (images: tf.Tensor4D, _: tf.Tensor1D) => tf.sum(images, [1, 2, 3]) as tf.Tensor1D;
 * const dark = (images: tf.Tensor4D, _: tf.Tensor1D) => tf.neg(light(images, _)) as tf.Tensor1D;
 * const victim = { name: "room", forward: (images: tf.Tensor4D) => images, objectives: { light, dark } };
 * const members = ["light", "dark"].map((objective) => ({ name: "fgsm", objective }));
 * using attack = createAttack({ name: "mixture", epsilon: 0.25, members }, victim);
 * const seen = new Set<number>();
 * for (let seed = 0; seed < 20; seed++) {
 *   const images = await attack.perturb(tf.fill([1, 1, 1, 1], 0.5), tf.tensor1d([0]), createRandom(seed));
 *   seen.add(images.dataSync()[0]);
 * }
 * assert.deepEqual([...seen].sort(), [0.25, 0.75]);
 * ```
 */
export function mixture<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  settings: AttackSettings,
  victim: Victim<O, L>,
  table: Readonly<Record<string, TaskAttackFactory<O, L>>>,
): Attack<L> {
  const members = createMembers(settings, victim, table);
  return {
    name: settings.name,
    settings: { ...resolveSettings(settings, { members: [] }), members: members.settings },
    perturb(clean, labels, random) {
      const { attacks } = members;
      const member = attacks[random.fork("member").integer(attacks.length)];
      return member.perturb(clean, labels, random);
    },
    [Symbol.dispose]: () => members[Symbol.dispose](),
  };
}
