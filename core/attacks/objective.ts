/**
 * What an attack ascends: a number for each example, as a task declares it.
 *
 * @module
 */
import { lookUp } from "../names.ts";
import type * as tf from "../tf.ts";

/** Per example, a number to ascend: `[B]`, of the victim's output and the labels. */
export type PlainObjective<O, L> = (output: O, labels: L) => tf.Tensor1D;

/** An objective that compares with the victim's output on the clean images (e.g. KL). */
export interface ReferencedObjective<O, L> {
  readonly reference: true;
  readonly value: (output: O, labels: L, reference: O) => tf.Tensor1D;
}

/** Either kind. Only one that says `reference: true` is given the output on the clean images. */
export type Objective<O, L> = PlainObjective<O, L> | ReferencedObjective<O, L>;

/**
 * The value of an objective of either kind.
 *
 * @param objective As a task declares it
 * @param output Of the victim
 * @param labels As the task encodes them
 * @param reference The victim's output on the clean images
 * @returns `[B]`
 *
 * @example Usage
 * ```ts
 * import { objectiveValue } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const moved = {
 *   reference: true as const,
 *   value: (output: tf.Tensor1D, _: tf.Tensor1D, clean: tf.Tensor1D) => tf.sub<tf.Tensor1D>(output, clean),
 * };
 * const [output, clean] = [tf.tensor1d([3]), tf.tensor1d([1])];
 * assert.deepEqual([...objectiveValue(moved, output, clean, clean).dataSync()], [2]);
 * ```
 */
export function objectiveValue<O, L>(
  objective: Objective<O, L>,
  output: O,
  labels: L,
  reference: O,
): tf.Tensor1D {
  return typeof objective === "function"
    ? objective(output, labels)
    : objective.value(output, labels, reference);
}

/** What is known of a batch besides its images. */
export interface Given<O extends tf.TensorContainer, L extends tf.TensorContainer>
  extends tf.TensorContainerObject {
  readonly labels: L;
  /** The victim's output on the clean images, where the objective asks for it. */
  readonly reference: O | undefined;
  /** t / n, from 0 in the first of n steps; 1 wherever results are compared. */
  readonly progress: tf.Scalar;
  /** What the attack drew for this batch, see {@linkcode Gain}. */
  readonly drawn: tf.TensorContainerObject | undefined;
}

/** What an attack ascends within its own steps. */
export interface Gain<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  /** Whether {@linkcode Given.reference} is needed, which costs a pass over the clean images. */
  readonly reference: boolean;
  /** `[B]` */
  value(output: O, given: Given<O, L>): tf.Tensor1D;
}

/**
 * An objective of a victim, as a gain.
 *
 * @param objectives What the victim's task declares
 * @param name Which of them
 * @param doing Named in errors, e.g. `attack "O" by "pgd"`
 * @returns The gain
 * @throws {RangeError} If there is no such objective
 */
export function gainOf<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  objectives: Readonly<Record<string, Objective<O, L>>>,
  name: string,
  doing: string,
): Gain<O, L> {
  const objective = lookUp(objectives, name, doing, "the objective");
  return {
    reference: typeof objective !== "function",
    value: (output, { labels, reference }) =>
      objectiveValue(objective, output, labels, reference as O),
  };
}
