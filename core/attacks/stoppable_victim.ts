/**
 * A victim whose attacks can be stopped.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import { pause } from "../pause.ts";
import type { Random } from "../random.ts";
import type * as tf from "../tf.ts";
import type { Query, Victim } from "./victim.ts";

/**
 * A victim that pauses before each question, so that any attack on it ends within a step of being told to.
 * Its answers are those of the victim.
 *
 * @param victim What is attacked
 * @param signal Ends the attack; without one the victim itself is returned
 * @returns The victim; its questions fail with the signal's reason
 *
 * @example Usage
 * ```ts
 * import { createAttack, createVictim, stoppableVictim } from "@realign/core/attacks";
 * import { createRandom } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const sum = createVictim({
 *   name: "sum",
 *   forward: (images) => tf.sum(images, [1, 2, 3]) as tf.Tensor1D,
 *   objectives: { sum: (output) => output },
 * });
 * const controller = new AbortController();
 * const settings = { name: "pgd", epsilon: 0.1, objective: "sum" };
 * using attack = createAttack(settings, stoppableVictim(sum, controller.signal));
 * controller.abort(new Error("enough"));
 * const perturb = attack.perturb(tf.ones([1, 2, 2, 3]), tf.tensor1d([0]), createRandom(1));
 * await assert.rejects(perturb, /enough/);
 * ```
 */
export function stoppableVictim<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  victim: Victim<O, L>,
  signal: AbortSignal | undefined,
): Victim<O, L> {
  if (!signal) return victim;
  const stoppable = <G extends tf.TensorContainer, R>(query: Query<G, R>): Query<G, R> => {
    const asked = async (images: Images, given: G, random: Random) => {
      await pause(signal);
      return await query(images, given, random);
    };
    return Object.assign(asked, { [Symbol.dispose]: () => query[Symbol.dispose]() });
  };
  const ascend = victim.ascend?.bind(victim);
  const { gradientOf, manifold } = victim;
  return {
    ...victim,
    ...gradientOf && { gradientOf: stoppableVictim(gradientOf, signal) },
    forward: (read, name) => stoppable(victim.forward(read, name)),
    ...ascend && { ascend: (ask, name) => stoppable(ascend(ask, name)) },
    ...manifold && {
      manifold: {
        nearest: (images, random) => manifold.nearest(images, random),
        ascend: (ask, name) => stoppable(manifold.ascend(ask, name)),
      },
    },
  };
}
