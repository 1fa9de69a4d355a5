/**
 * Which of several adversarial images of an example is the strongest.
 *
 * @module
 */
import { record, type RecordedStep } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import type { Objective } from "../task.ts";
import * as tf from "../tf.ts";
import type { Victim } from "./attack.ts";
import { selectExamples } from "./ball.ts";

/** Images with what is known of each: whether it fools the victim (0 or 1), and what the attack ascends. */
export interface Iterate extends tf.TensorContainerObject {
  readonly images: Images;
  readonly success: tf.Tensor1D;
  readonly gain: tf.Tensor1D;
}

/** What is known of the examples besides their images. */
export interface Given<O extends tf.TensorContainer, L extends tf.TensorContainer>
  extends tf.TensorContainerObject {
  readonly labels: L;
  /** The victim's output on clean images, where the objective asks for it. */
  readonly reference: O | undefined;
}

/** From images to what is known of each. */
export type Judge<O extends tf.TensorContainer, L extends tf.TensorContainer> = RecordedStep<
  { images: Images; given: Given<O, L> },
  { gain: tf.Tensor1D; success: tf.Tensor1D }
>;

/**
 * Makes a recorded judge. Without logits and classes it knows the gain alone; success is 0 then.
 *
 * @param name Of the attack
 * @param victim What is attacked
 * @param objective What is ascended
 * @param targeted Whether it is descended instead, and success is to be taken for the labels' class
 * @returns The judge; dispose it
 */
export function createJudge<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  name: string,
  victim: Victim<O, L>,
  objective: Objective<O, L>,
  targeted: boolean,
): Judge<O, L> {
  return record(
    ({ images, given: { labels, reference } }: { images: Images; given: Given<O, L> }) => {
      const output = victim.forward(images);
      const value = objective(output, labels, reference ?? output);
      const gain = tf.mul(value, targeted ? -1 : 1) as tf.Tensor1D;
      if (!victim.logits || !victim.classOf) return { gain, success: tf.zerosLike(gain) };
      const predicted = tf.argMax(victim.logits(output), 1);
      const hit = tf.equal(predicted, victim.classOf(labels));
      const success = tf.cast(targeted ? hit : tf.logicalNot(hit), "float32") as tf.Tensor1D;
      return { gain, success };
    },
    { name: `${name}: judge` },
  );
}

/**
 * Of two iterates, takes each example from the one that fools the victim, or else from the one of
 * greater gain.
 *
 * @param current Kept where both are equal
 * @param challenger The other
 * @returns The stronger of each example
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
