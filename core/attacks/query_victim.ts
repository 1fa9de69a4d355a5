/**
 * A victim that answers questions and shows no gradient: a black box.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import { answerBehind } from "../defenses/behind.ts";
import type * as tf from "../tf.ts";
import { decisionsOf, nameOf, traitsOf, variablesOf, type VictimSource } from "./system_victims.ts";
import { type Query, recordedQuery, type Victim } from "./victim.ts";

/** What a question is computed from. */
interface Inputs<G extends tf.TensorContainer> extends tf.TensorContainerObject {
  readonly images: Images;
  readonly restored: Images;
  readonly given: G;
}

/**
 * A victim for an attacker who can only ask: O's output on the images that the real defense restores. A random
 * defense draws new noise for every question; one without a gradient is attacked like any other.
 *
 * @param source O, an optional defense, the task
 * @returns The victim, without `ascend`
 *
 * @example Usage
 * ```ts
 * import { queryVictim } from "@realign/core/attacks";
 * import { createRandom } from "@realign/core";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyTask } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * const task = createToyTask();
 * using target = task.createTarget("toy-net", createRandom(1));
 * const victim = queryVictim({ task, target });
 * assert.equal(victim.name, "toy-net");
 * assert.equal(victim.ascend, undefined);
 * ```
 */
export function queryVictim<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  source: VictimSource<O, L>,
): Victim<O, L> {
  const { task, defense } = source;
  const answer = answerBehind(source);
  const name = nameOf(source);
  const variables = variablesOf(source);
  return {
    ...decisionsOf(task),
    name,
    variables,
    ...traitsOf(source),
    forward: <G extends tf.TensorContainer, R extends tf.TensorContainer>(
      read: (output: O, given: G) => R,
      name: string,
    ): Query<G, R> =>
      recordedQuery(
        ({ restored, given }: Inputs<G>) => read(answer(restored), given),
        { name, variables },
        async (images, random, held) => ({
          restored: defense
            ? held.keep(await defense.restore(images, random.fork("defense")))
            : images,
        }),
      ),
  };
}
