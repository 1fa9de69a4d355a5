/**
 * The strongest of several attacks, example by example.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import * as tf from "../tf.ts";
import type { Attack, AttackSettings, TaskAttackFactory, Victim } from "./attack.ts";
import { createJudge, type Iterate, stronger } from "./judge.ts";
import { lookUp } from "../names.ts";
import { createMembers } from "./members.ts";
import { resolveSettings } from "./settings.ts";

/**
 * Makes an attack that runs all its members and keeps, of each example, the images that fool the
 * victim, or else those of the greatest `objective`.
 *
 * @param settings `members`, each with settings of its own but for epsilon, and the `objective` that
 * they are compared by ("cross-entropy" unless told otherwise)
 * @param victim What is attacked
 * @param table Every attack by name
 * @returns The attack
 * @throws {RangeError} If there is no member, one cannot be made, or the victim has no such objective
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
 * const far = (images: tf.Tensor4D, _: tf.Tensor1D) =>
 *   tf.sum(tf.abs(tf.sub(images, 0.4)), [1, 2, 3]) as tf.Tensor1D;
 * const victim = {
 *   name: "room",
 *   forward: (images: tf.Tensor4D) => images,
 *   objectives: { light, dark, far },
 * };
 * const members = ["light", "dark"].map((objective) => ({ name: "fgsm", objective }));
 * using attack = createAttack({ name: "strongest", epsilon: 0.25, objective: "far", members }, victim);
 * const clean = tf.tensor4d([0.25, 0.5], [2, 1, 1, 1]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([0, 0]), createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()], [0, 0.75]);
 * ```
 */
export function strongest<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  settings: AttackSettings,
  victim: Victim<O, L>,
  table: Readonly<Record<string, TaskAttackFactory<O, L>>>,
): Attack<L> {
  const resolved = resolveSettings(settings, { members: [], objective: "cross-entropy" });
  const objective = lookUp(
    victim.objectives,
    resolved.objective,
    `attack "${victim.name}" by "${resolved.name}"`,
    "the objective",
  );
  const members = createMembers(settings, victim, table);
  const judge = createJudge(settings.name, victim, objective, false);
  const forward = record(
    ({ images }: { images: Images }) => victim.forward(images),
    { name: `${settings.name}: reference` },
  );
  return {
    name: settings.name,
    settings: { ...resolved, members: members.settings },
    async perturb(clean, labels, random) {
      const reference = objective.length === 2 ? undefined : forward({ images: clean });
      const given = { labels, reference };
      let best: Iterate | undefined;
      try {
        for (const [index, attack] of members.attacks.entries()) {
          const images = await attack.perturb(clean, labels, random.fork("member", index));
          const challenger: Iterate = { images, ...judge({ images, given }) };
          const before = best;
          best = before ? stronger(before, challenger) : challenger;
          if (before) tf.dispose([before, challenger]);
        }
        const { images, success, gain } = best!;
        best = undefined;
        tf.dispose([success, gain]);
        return images;
      } finally {
        tf.dispose([reference ?? [], best ?? []]);
      }
    },
    [Symbol.dispose]() {
      for (const part of [members, judge, forward]) part[Symbol.dispose]();
    },
  };
}
