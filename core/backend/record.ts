/**
 * Recording: a step is run once to write its operations down, and from then on replayed as one.
 *
 * Where the active backend cannot record, the step is simply run, inside `tf.tidy`.
 *
 * @module
 */
import { withoutDraws } from "../random.ts";
import * as tf from "../tf.ts";
import type { FrozenGraph } from "./graph_form.ts";
import type { Precision } from "./precision.ts";

/** How a step is recorded. */
export interface RecordOptions {
  /**
   * Every variable that the step reads or assigns and that changes over time. Others count as constants:
   * once one of them changes, the recording refuses to be replayed.
   */
  readonly variables?: readonly tf.Variable[];
  /** Compile with XLA where the backend has it. Measure first: on CPU it is often slower. @default {false} */
  readonly xla?: boolean;
  /** Backends that do not record compute in float32 whatever it is. @default {"float32"} */
  readonly precision?: Precision;
  /** Named in errors. @default {"step"} */
  readonly name?: string;
}

/** A recorded step. The caller owns what a call returns. */
export type RecordedStep<I extends tf.TensorContainer, R extends tf.TensorContainer> =
  & ((inputs: I) => R)
  & Disposable
  & {
    /** What the latest recording holds; undefined before the first call, and where nothing is recorded. */
    readonly statistics: () => RecordingStatistics | undefined;
  };

/** What a recording holds. */
export interface RecordingStatistics {
  /** Operations, of which none stands twice. */
  readonly operations: number;
  /** Multiplications and additions of convolutions and matrix products. */
  readonly flops: number;
}

/** What a backend that can record brings along. */
export interface Recorder {
  record<I extends tf.TensorContainer, R extends tf.TensorContainer>(
    step: (inputs: I) => R,
    options: RecordOptions,
  ): RecordedStep<I, R>;
  freeze(
    compute: (inputs: tf.NamedTensorMap) => tf.TensorContainer,
    inputs: tf.NamedTensorMap,
    name: string,
  ): FrozenGraph;
  /** In a recording: the tensor, but not before others are computed. What is made of it is not shared with what is made of the tensor itself. */
  after(tensor: tf.Tensor, awaited: readonly tf.Tensor[]): tf.Tensor;
}

const recorders = new Map<string, Recorder>();

/** Tells how steps are recorded on a backend. Called where the backend is made. */
export function setRecorder(backendName: string, recorder: Recorder): void {
  recorders.set(backendName, recorder);
}

/** The active backend's recorder; undefined where it cannot record. */
export function activeRecorder(): Recorder | undefined {
  return recorders.get(tf.getBackend());
}

/**
 * Records a step on the active backend.
 *
 * What a recording freezes: every JavaScript number, tensors made or captured inside that are neither
 * inputs nor listed variables, and shapes (another input shape records anew, by itself). A variable that
 * is read but not listed must keep its value as long as the recording is used. What a step must not do: read a tensor's values, draw random numbers in JavaScript, assign variables that are not
 * listed, or make some; all are errors. A recorded step that is called in another becomes a part of it, in the
 * precision of that one.
 *
 * @param step A pure step from inputs to results that may assign to the listed variables
 * @param options Variables, XLA, precision, name
 * @returns The step, to be called as before; dispose it when done
 * @throws {Error} When called, if the step does what it must not, or if a variable that it reads and
 * that is not listed was assigned or disposed since the step was recorded
 *
 * @example Usage
 * ```ts
 * import { record } from "@realign/core/backend";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const weight = tf.variable(tf.scalar(2));
 * using double = record(({ x }: { x: tf.Tensor }) => tf.mul(x, weight), { variables: [weight] });
 * assert.equal(double({ x: tf.scalar(3) }).dataSync()[0], 6);
 * ```
 */
export function record<I extends tf.TensorContainer, R extends tf.TensorContainer>(
  step: (inputs: I) => R,
  options: RecordOptions = {},
): RecordedStep<I, R> {
  const recorder = activeRecorder();
  if (recorder) return recorder.record(step, options);
  const { name = "step" } = options;
  const run = (inputs: I) =>
    withoutDraws(`run "${name}"`, () => tf.tidy(name, () => step(inputs)) as R);
  return Object.assign(run, { [Symbol.dispose]() {}, statistics: () => undefined });
}
