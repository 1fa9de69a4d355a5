/**
 * What an attack ascends: a number per example, declared by the task.
 *
 * @module
 */
import { lookUp } from "../names.ts";
import type * as tf from "../tf.ts";

/** A number per example to ascend, `[B]`, from the victim's output and the labels. */
export type PlainObjective<O, L> = (output: O, labels: L) => tf.Tensor1D;

/** An objective that compares with the victim's output on the clean images (e.g. KL). */
export interface ReferencedObjective<O, L> {
  readonly reference: true;
  readonly value: (output: O, labels: L, reference: O) => tf.Tensor1D;
}

/** Either kind. Only one with `reference: true` receives the output on the clean images. */
export type Objective<O, L> = PlainObjective<O, L> | ReferencedObjective<O, L>;

/**
 * Computes an objective of either kind.
 *
 * @param objective Declared by the task
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

/** Inputs of a gain besides the images. */
export interface Given<O extends tf.TensorContainer, L extends tf.TensorContainer>
  extends tf.TensorContainerObject {
  readonly labels: L;
  /** The output on the clean images of what is asked, if the objective needs it. */
  readonly reference: O | undefined;
  /** t / n, from 0 in the first of n steps; 1 when results are compared. */
  readonly progress: tf.Scalar;
  /** Random inputs drawn for this batch, see {@linkcode Gain}. */
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
 * Makes a gain of a victim's objective.
 *
 * @param objectives Of the victim
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

/**
 * Makes a gain of the objective that an attack names.
 *
 * @param victim The victim
 * @param objective Which of its objectives
 * @param attack Name for error messages
 * @returns The gain
 * @throws {RangeError} If there is no such objective
 *
 * @example Usage
 * ```ts
 * import { gainFor } from "./objective.ts";
 * import assert from "node:assert/strict";
 *
 * assert.throws(
 *   () => gainFor({ name: "O", objectives: {} }, "light", "pgd"),
 *   /^RangeError: Cannot attack "O" with "pgd" as the objective/,
 * );
 * ```
 */
export function gainFor<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { name, objectives }: {
    readonly name: string;
    readonly objectives: Readonly<Record<string, Objective<O, L>>>;
  },
  objective: string,
  attack: string,
): Gain<O, L> {
  return gainOf(objectives, objective, `attack "${name}" with "${attack}"`);
}
