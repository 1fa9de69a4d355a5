/**
 * One of several attacks per batch, chosen by the seed.
 *
 * @module
 */
import { type Attack, type AttackDefinition, defineAttack, type Perturber } from "./attack.ts";
import { createMembers, disposeMembers, members, sharedNorm } from "./members.ts";

/**
 * An attack that draws one of its members for each batch, uniformly. The paper's detectors
 * are trained this way, on attacks on classes and on locations.
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
 *   forward: (images) => tf.sum(images, [1, 2, 3]) as tf.Tensor1D,
 *   objectives: { light: (sum) => sum, dark: (sum) => tf.neg(sum) },
 * });
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
export const mixture: AttackDefinition = defineAttack({
  title: "Mixture",
  version: 1,
  options: { members },
  create: (settings, victim, table) => mixtureOf(createMembers(settings, victim, table)),
});

function mixtureOf<L>(members: readonly Attack<L>[]): Perturber<L> {
  return {
    members,
    ...sharedNorm(members),
    perturb: (clean, labels, random) =>
      members[random.fork("member").integer(members.length)].perturb(clean, labels, random),
    [Symbol.dispose]: () => disposeMembers(members),
  };
}
