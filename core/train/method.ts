/**
 * One way to train something: what a step computes and updates. The loop around it is trainer.ts.
 *
 * O's training (target.ts) and the paper's Algorithm 1 (generator.ts) are methods.
 *
 * @module
 */
import type { RecordedStep } from "../backend/record.ts";
import type { Batch } from "../dataset.ts";
import type * as tf from "../tf.ts";
import type { HostTensor } from "../weights/parameters.ts";

/** State that steps change and checkpoints hold: weights, an optimizer's moments, an average. */
export interface Stateful {
  readonly variables: readonly tf.Variable[];
  /** A copy of all values. */
  export(): Promise<Map<string, HostTensor>>;
  /** Loads values. Throws TypeError if they belong to another network; `origin` is named in errors. */
  import(tensors: ReadonlyMap<string, HostTensor>, origin: string): void;
}

/** What was found of a training after an epoch, on examples that it leaves out. */
export interface Review {
  /** The task's metric on clean images, in [0, 1]. */
  readonly clean: number;
  /** The metric under the attack, in [0, 1]. */
  readonly whitebox: number;
  /** The highest `whitebox` so far. */
  readonly best: number;
  /** Its epoch. */
  readonly bestEpoch: number;
}

/** Looks at what is trained after every epoch, and may end the training. */
export interface Watch extends Stateful {
  /** Called once after each epoch's last step, with the epoch's number, and after the last step. */
  review(epoch: number): Promise<Review>;
  /** Whether the training is to end. */
  readonly ended: boolean;
}

/** Learning rates and other numbers that change from step to step, as scalars. */
export interface Rates extends tf.TensorContainerObject {
  learningRate: tf.Scalar;
}

/**
 * A training method. `L` are a batch's labels, `I` a step's inputs besides its rates `R`.
 *
 * @example Usage
 * ```ts
 * import { createRandom, gradientsOf, type Images, type Method, Optimizer, sgd, Trainer, variablesOf } from "@realign/core";
 * import { record } from "@realign/core/backend";
 * import { useTestBackend } from "@realign/core/testing";
 * import * as tf from "@realign/core/tf";
 * import { createToyDataset, createToyTask, toyTrainingBatches } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * using target = createToyTask().createTarget("toy-net", createRandom(1));
 *
 * // O shall say of an image what it says of its negative.
 * const logits = (images: tf.Tensor) => target.forward(images as Images).logits;
 * const optimizer = new Optimizer(target.parameters.trainable, sgd);
 * const state = { target: target.parameters, optimizer };
 * const step = record(({ images, learningRate }: { images: Images; learningRate: tf.Scalar }) => {
 *   const { loss, gradients } = gradientsOf(target.parameters.trainable, () => ({
 *     loss: tf.mean(tf.abs(tf.sub(logits(images), logits(tf.sub(1, images))))) as tf.Scalar,
 *   }));
 *   optimizer.apply(gradients, learningRate);
 *   return { asymmetry: loss };
 * }, { name: "symmetric step", variables: variablesOf(state) });
 * const symmetric: Method<tf.Tensor1D> = {
 *   stage: "train-symmetric",
 *   state,
 *   step,
 *   advice: "lower the rate",
 *   rates: () => ({ learningRate: 0.01 }),
 *   prepare: ({ images, labels }) => Promise.resolve({ images, labels }),
 *   weights: () => target.parameters.export(),
 *   [Symbol.dispose]: () => [step, optimizer].forEach((part) => part[Symbol.dispose]()),
 * };
 *
 * using trainer = new Trainer(symmetric, { stepsPerEpoch: 2, totalSteps: 3 });
 * const losses: number[] = [];
 * for await (const record of trainer.run(toyTrainingBatches(createToyDataset(12), 0))) {
 *   losses.push(record.losses.asymmetry);
 * }
 * assert.equal(losses.length, 3);
 * ```
 */
export interface Method<
  L,
  // deno-lint-ignore no-explicit-any -- what `prepare` gives, `step` takes: nobody else looks into it
  I extends tf.TensorContainerObject = any,
  // deno-lint-ignore no-explicit-any -- as are rates
  R extends Rates = any,
> extends Disposable {
  /** Names the training's checkpoints and records, e.g. "train". */
  readonly stage: string;
  /** All state that a step changes, by its name in checkpoints. */
  readonly state: Readonly<Record<string, Stateful>>;
  /** Advice if a loss is not finite, e.g. "lower train.schedule.peak"; it ends the error message. */
  readonly advice: string;
  /** The rates of a step, counted from 0, in a training of `totalSteps` steps. */
  rates(step: number, totalSteps: number): Readonly<Record<keyof R, number>>;
  /** From a batch to the step's inputs. Takes ownership of the batch's tensors unless it throws. */
  prepare(batch: Batch<L>, step: number): Promise<I>;
  /** Updates the weights and returns the loss terms, as scalars; recorded as a whole. */
  readonly step: RecordedStep<I & R, Record<string, tf.Tensor>>;
  /** Looks at the training after every epoch; part of `state`. */
  readonly watch?: Watch;
  /** The final weights. */
  weights(): Promise<Map<string, HostTensor>>;
}

/** The variables of some state, to list when a step that changes it is recorded. */
export function variablesOf(state: Readonly<Record<string, Stateful>>): tf.Variable[] {
  return Object.values(state).flatMap(({ variables }) => variables);
}
