/**
 * What attacks on decision boundaries need of a victim.
 *
 * @module
 */
import type * as tf from "../tf.ts";
import type { Victim } from "./attack.ts";

/** A victim that has one score a class, and one class an example. */
export type DecidingVictim<O extends tf.TensorContainer, L extends tf.TensorContainer> =
  & Victim<O, L>
  & Required<Pick<Victim<O, L>, "logits" | "classOf">>;

/**
 * Tells whether a victim has one score a class, and one class an example.
 *
 * @param victim The victim
 * @returns Whether it has both `logits` and `classOf`
 *
 * @example Usage
 * ```ts
 * import { decides } from "@realign/core/attacks";
 * import assert from "node:assert/strict";
 *
 * assert.equal(decides({ name: "detector", forward: () => [], objectives: {} }), false);
 * ```
 */
export function decides<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  victim: Victim<O, L>,
): victim is DecidingVictim<O, L> {
  return victim.logits !== undefined && victim.classOf !== undefined;
}

/**
 * Makes sure that a victim has one score a class, and one class an example.
 *
 * @param victim The victim
 * @param attack Named in the error
 * @returns The same victim
 * @throws {RangeError} If it has not, as with tasks that decide more than once an image
 *
 * @example Usage
 * ```ts
 * import { requireDecisions } from "@realign/core/attacks";
 * import assert from "node:assert/strict";
 *
 * const victim = { name: "detector", forward: () => [], objectives: {} };
 * assert.throws(() => requireDecisions(victim, "deepfool"), RangeError);
 * ```
 */
export function requireDecisions<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  victim: Victim<O, L>,
  attack: string,
): DecidingVictim<O, L> {
  if (decides(victim)) return victim;
  throw new RangeError(
    `Cannot attack "${victim.name}" by "${attack}" as it must have logits and one class an image`,
  );
}
