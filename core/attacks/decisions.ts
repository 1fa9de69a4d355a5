/**
 * What some attacks require of a victim: logits, classes, a gradient.
 *
 * @module
 */
import * as tf from "../tf.ts";
import { concludingForward, MAJORITY } from "./many_draws.ts";
import type { Query, Victim } from "./victim.ts";

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
 * Which examples a victim gets wrong.
 *
 * @param victim The victim
 * @param scores Its logits, `[B, K]`
 * @param labels As the task encodes them
 * @returns `[B]` bool
 */
export function misclassified<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { classOf }: Pick<DecidingVictim<O, L>, "classOf">,
  scores: tf.Tensor2D,
  labels: L,
): tf.Tensor1D {
  return tf.notEqual(tf.argMax(scores, 1), classOf(labels));
}

/**
 * Asks which images a victim gets wrong, a random one in most draws.
 *
 * @param victim The victim
 * @param name Names the recorded step in errors
 * @returns `[B]` bool; the caller disposes it
 */
export function createDecision<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  victim: DecidingVictim<O, L>,
  name: string,
): Query<{ labels: L }, tf.Tensor1D> {
  return concludingForward(
    victim,
    (output: O, { labels }: { labels: L }) => shareWrong(victim, victim.logits(output), labels),
    name,
    isMost,
  );
}

/** `[B]`: 1 for each example that is misclassified, as {@linkcode misclassified}. Its mean is a share of draws. */
export function shareWrong<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  victim: Pick<DecidingVictim<O, L>, "classOf">,
  scores: tf.Tensor2D,
  labels: L,
): tf.Tensor1D {
  return tf.cast(misclassified(victim, scores, labels), "float32");
}

/** `[B]` bool: whether a share of draws is the majority. */
export const isMost = (share: tf.Tensor1D): tf.Tensor1D => tf.greater(share, MAJORITY);

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
 * Checks that a victim tells enough classes apart.
 *
 * @param victim The victim
 * @param classes Number of its logits
 * @param attack Name for error messages
 * @param least Fewest classes of the attack. Default: 2
 * @throws {RangeError} If there are fewer
 */
export function requireClasses(
  { name }: { readonly name: string },
  classes: number,
  attack: string,
  least = 2,
): void {
  if (classes >= least) return;
  throw new RangeError(
    `Cannot attack "${name}" with "${attack}" as it must have at least ${least} classes: current value is ${classes}`,
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
