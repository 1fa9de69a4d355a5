/**
 * What some attacks require of a victim: logits, classes, a gradient.
 *
 * @module
 */
import type * as tf from "../tf.ts";
import type { Victim } from "./victim.ts";

/** A victim with logits and one class per example. */
export type DecidingVictim<O extends tf.TensorContainer, L extends tf.TensorContainer> =
  & Victim<O, L>
  & Required<Pick<Victim<O, L>, "logits" | "classOf">>;

/** Whether a victim has logits and one class per example. */
export function decides<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  victim: Victim<O, L>,
): victim is DecidingVictim<O, L> {
  return victim.logits !== undefined && victim.classOf !== undefined;
}

/**
 * Checks that a victim has logits and classes.
 *
 * @param victim The victim
 * @param attack Name for error messages
 * @returns The same victim
 * @throws {RangeError} If it has no logits
 */
export function requireDecisions<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  victim: Victim<O, L>,
  attack: string,
): DecidingVictim<O, L> {
  if (decides(victim)) return victim;
  throw new RangeError(
    `Cannot attack "${victim.name}" with "${attack}" as it must have logits and one class per image`,
  );
}

/**
 * A victim's gradient.
 *
 * @param victim The victim
 * @param attack Name for error messages
 * @returns {@linkcode Victim.ascend}
 * @throws {RangeError} If it is a black box
 */
export function requireGradient<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  victim: Victim<O, L>,
  attack: string,
): NonNullable<Victim<O, L>["ascend"]> {
  if (victim.ascend) return victim.ascend.bind(victim);
  throw new RangeError(
    `Cannot attack "${victim.name}" with "${attack}" as it has no gradient: choose an attack that needs none`,
  );
}
