/**
 * The victim of a whitebox attack.
 *
 * @module
 */
import { queryVictim } from "../attacks/query_victim.ts";
import { bpdaVictim, exactVictim, type VictimSource } from "../attacks/system_victims.ts";
import type { Victim } from "../attacks/victim.ts";
import type * as tf from "../tf.ts";

/** What is attacked, and whether the attacker can only ask. */
export interface AttackedSource<O extends tf.TensorContainer, L extends tf.TensorContainer>
  extends VictimSource<O, L> {
  /** Whether the victim shows no gradient. @default {false} */
  readonly queriesOnly?: boolean;
}

/**
 * A target model, behind a defense if there is one, for an attacker who knows both: with the exact
 * gradient, or BPDA if the defense's is an approximation; where a defense has none, that of the identity. For an
 * attacker who can only ask, it has none.
 *
 * @param source The task, the target model, an optional defense, whether it can only be asked
 * @returns The victim
 *
 * @example Usage
 * ```ts
 * import { createRandom, victimOf } from "@realign/core";
 * import { jpegDefense } from "@realign/core/defenses";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyTask } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * const task = createToyTask();
 * using target = task.createTarget("toy-net", createRandom(1));
 * const defense = jpegDefense((picture) => Promise.resolve(picture), 75);
 * assert.equal(victimOf({ task, target, defense }).name, "toy-net behind jpeg");
 * ```
 */
export function victimOf<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  source: AttackedSource<O, L>,
): Victim<O, L> {
  const { defense, queriesOnly = false } = source;
  if (queriesOnly) return queryVictim(source);
  return !defense || defense.gradient?.exact ? exactVictim(source) : bpdaVictim(source);
}
