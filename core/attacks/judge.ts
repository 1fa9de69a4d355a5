/**
 * Compares adversarial images of an example.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import type { HeldTensors } from "../held_tensors.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import { selectExamples } from "./ball.ts";
import { decides, misclassified } from "./decisions.ts";
import { meanForward } from "./many_draws.ts";
import type { Gain, Given } from "./objective.ts";
import type { Query, Victim } from "./victim.ts";

/** Images, each with its success (0 or 1, or a share of draws) and its gain. */
export interface Iterate extends tf.TensorContainerObject {
  readonly images: Images;
  readonly success: tf.Tensor1D;
  readonly gain: tf.Tensor1D;
}

/** Evaluates images. */
export type Judge<O extends tf.TensorContainer, L extends tf.TensorContainer> = Query<
  Given<O, L>,
  { gain: tf.Tensor1D; success: tf.Tensor1D }
>;

/** What compares images by a gain: the judge, and the output on clean images if the gain needs one. */
export interface Comparison<O extends tf.TensorContainer, L extends tf.TensorContainer>
  extends Disposable {
  readonly judge: Judge<O, L>;
  readonly reference: Query<tf.TensorContainerObject, O> | undefined;
}

/**
 * Creates the comparison of a victim. For one without logits and classes only the gain counts, and success is 0. A
 * random one is asked several times: success is the share of draws, and the gain their mean.
 *
 * @param name Of the attack
 * @param victim The victim
 * @param gain What is ascended
 * @param targeted Whether the gain is descended, and success means the labels' class
 * @returns The comparison; dispose it
 */
export function createComparison<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  name: string,
  victim: Victim<O, L>,
  gain: Gain<O, L>,
  targeted: boolean,
): Comparison<O, L> {
  const judge = meanForward(victim, verdict(victim, gain, targeted), `${name}: judge`);
  const reference = gain.reference
    ? victim.forward((output: O, _: tf.TensorContainerObject) => output, `${name}: reference`)
    : undefined;
  return {
    judge,
    reference,
    [Symbol.dispose]() {
      judge[Symbol.dispose]();
      reference?.[Symbol.dispose]();
    },
  };
}

/**
 * What a comparison needs to know of a batch.
 *
 * @param comparison The comparison
 * @param clean The clean images
 * @param labels As the task encodes them
 * @param random The victim draws from a fork of it, if the gain needs its output on the clean images
 * @param held Disposes what is made here
 * @param drawn Random inputs of the gain, see {@linkcode Given.drawn}. Default: none
 * @returns Inputs of its judge, with a progress of 1
 */
export async function givenFor<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  comparison: Comparison<O, L>,
  clean: Images,
  labels: L,
  random: Random,
  held: HeldTensors,
  drawn?: tf.TensorContainerObject,
): Promise<Given<O, L>> {
  const reference = held.keep(await comparison.reference?.(clean, {}, random.fork("reference")));
  return { labels, reference, progress: held.keep(tf.scalar(1)), drawn };
}

/** From an output to gain and success, as {@linkcode createComparison} tells them; pure. */
export function verdict<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  victim: Victim<O, L>,
  gain: Gain<O, L>,
  targeted: boolean,
): (output: O, given: Given<O, L>) => { gain: tf.Tensor1D; success: tf.Tensor1D } {
  return (output, given) => {
    const value = tf.mul(gain.value(output, given), targeted ? -1 : 1) as tf.Tensor1D;
    if (!decides(victim)) return { gain: value, success: tf.zerosLike(value) };
    const wrong = misclassified(victim, victim.logits(output), given.labels);
    const success = tf.cast(targeted ? tf.logicalNot(wrong) : wrong, "float32") as tf.Tensor1D;
    return { gain: value, success };
  };
}

/**
 * Selects each example from the iterate that fools the victim, or else from the one with
 * higher gain.
 *
 * @param current Kept if both are equal
 * @param challenger The other
 * @returns The stronger iterate of each example
 */
export function stronger(current: Iterate, challenger: Iterate): Iterate {
  return tf.tidy(() => {
    const fools = tf.greater(challenger.success, current.success);
    const equal = tf.equal(challenger.success, current.success);
    const gains = tf.logicalAnd(equal, tf.greater(challenger.gain, current.gain));
    const better = tf.logicalOr(fools, gains) as tf.Tensor1D;
    return {
      images: selectExamples(better, challenger.images, current.images),
      success: tf.where(better, challenger.success, current.success),
      gain: tf.where(better, challenger.gain, current.gain),
    };
  });
}
