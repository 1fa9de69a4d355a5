/**
 * The loop around every training method: lines 1 and 9 of Algorithm 1.
 *
 * @module
 */
import type { Batch } from "../dataset.ts";
import * as tf from "../tf.ts";
import type { HostTensor } from "../weights/parameters.ts";
import { StepExchange } from "./step_exchange.ts";
import type { Method, Review } from "./method.ts";
import { exportStep, importStep, type UnrecordedStep } from "./unrecorded_step.ts";

export { readTerms } from "./step_exchange.ts";

/** The record of a step. */
export interface StepRecord {
  /** Of the method, e.g. "train". */
  readonly stage: string;
  readonly step: number;
  readonly epoch: number;
  readonly learningRate: number;
  readonly seconds: number;
  /** Every loss term by name, unweighted. */
  readonly losses: Readonly<Record<string, number>>;
  /** Whether a worker asked all of them to stop after this step. */
  readonly stopped?: true;
  /** After an epoch, if the method has a watch: what it found. */
  readonly review?: Review;
}

/** Length of a training. */
export interface TrainingLength {
  /** Batches in one pass over the training set. */
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
}

/** Where a step without a record stands in checkpoints, beside the method's state. */
const UNRECORDED = "unrecorded";

/**
 * A training: runs a method's steps and holds all state that they change, so that after a stop at any
 * step it continues to the same weights, bit for bit.
 *
 * @example Usage
 * ```ts
 * import { createRandom, createTargetMethod, Trainer } from "@realign/core";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyDataset, createToyTask, toyPreset, toyTrainingBatches } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * const task = createToyTask();
 * using target = task.createTarget("toy-net", createRandom(1));
 * const method = createTargetMethod({ task, target }, toyPreset.target.train);
 * using trainer = new Trainer(method, { stepsPerEpoch: 2, totalSteps: 3 });
 * const epochs: number[] = [];
 * for await (const { epoch } of trainer.run(toyTrainingBatches(createToyDataset(12), 0))) {
 *   epochs.push(epoch);
 * }
 * assert.deepEqual(epochs, [0, 0, 1]);
 * ```
 */
export class Trainer<L> implements Disposable {
  readonly #method: Method<L>;
  readonly #exchange = new StepExchange();
  readonly #stepsPerEpoch: number;
  readonly totalSteps: number;
  /** The next step. Set it after {@linkcode import}. */
  step = 0;
  #unrecorded: UnrecordedStep | undefined;

  /**
   * @param method The method; disposed with the trainer
   * @param length Number of steps
   */
  constructor(method: Method<L>, { stepsPerEpoch, totalSteps }: TrainingLength) {
    this.#method = method;
    this.#stepsPerEpoch = stepsPerEpoch;
    this.totalSteps = totalSteps;
  }

  /** Of the method: names checkpoints and records. */
  get stage(): string {
    return this.#method.stage;
  }

  /** Steps that have a record: all that were made, but for one whose review was ended. */
  get recorded(): number {
    return this.#unrecorded ? this.step - 1 : this.step;
  }

  /** Whether the method's watch has ended the training before its last step. */
  get ended(): boolean {
    return this.#method.watch?.ended ?? false;
  }

  /** Multiplications and additions of a step; undefined before the first, and where nothing is recorded. */
  get flops(): number | undefined {
    return this.#method.step.statistics()?.flops;
  }

  /**
   * Runs until the last step, or until the method's watch ends the training. A review that was ended before, by an
   * error or a signal, is made up first.
   *
   * @param batches Training batches from step `this.step` on; disposed here
   * @param asksToStop Whether this worker wants all of them to stop after the step; see {@linkcode StepRecord.stopped}
   * @yields A record after every step
   * @throws {Error} If a loss term is not finite; it names the term and the step
   */
  async *run(
    batches: AsyncIterable<Batch<L>>,
    asksToStop: () => boolean = () => false,
  ): AsyncGenerator<StepRecord, void, void> {
    if (this.#unrecorded) yield await this.#record(this.#unrecorded);
    if (this.step >= this.totalSteps || this.ended) return;
    let begun = performance.now();
    for await (const batch of batches) {
      const terms = await this.#move(batch);
      const step = this.step++;
      const { losses, stopped } = await this.#exchange.read(terms, asksToStop());
      this.#assertFinite(losses, step);
      this.#unrecorded = { seconds: (performance.now() - begun) / 1000, losses };
      yield await this.#record(this.#unrecorded, stopped);
      begun = performance.now();
      if (this.step >= this.totalSteps || this.ended) return;
    }
  }

  /** One step; the batch is disposed. */
  async #move(batch: Batch<L>): Promise<Record<string, tf.Tensor>> {
    let held: tf.TensorContainer = [batch.images, batch.labels as tf.TensorContainer];
    try {
      const prepared = await this.#method.prepare(batch, this.step);
      const rates = this.#method.rates(this.step, this.totalSteps);
      const scalars = Object.entries(rates).map(([name, rate]) => [name, tf.scalar(rate)] as const);
      const inputs = { ...prepared, ...Object.fromEntries(scalars) };
      held = inputs;
      return this.#method.step(inputs);
    } finally {
      tf.dispose(held);
    }
  }

  /** The record of the step before {@linkcode step}, after its review. */
  async #record({ seconds, losses }: UnrecordedStep, stopped = false): Promise<StepRecord> {
    const begun = performance.now();
    const step = this.step - 1;
    const epoch = Math.floor(step / this.#stepsPerEpoch);
    const review = await this.#review(epoch);
    this.#unrecorded = undefined;
    return {
      stage: this.stage,
      step,
      epoch,
      learningRate: this.#method.rates(step, this.totalSteps).learningRate,
      seconds: seconds + (performance.now() - begun) / 1000,
      losses,
      ...(stopped && { stopped }),
      ...(review && { review }),
    };
  }

  async #review(epoch: number): Promise<Review | undefined> {
    const isDue = this.step % this.#stepsPerEpoch === 0 || this.step >= this.totalSteps;
    return isDue ? await this.#method.watch?.review(epoch) : undefined;
  }

  #assertFinite(losses: Readonly<Record<string, number>>, step: number): void {
    const broken = Object.entries(losses).find(([, value]) => !Number.isFinite(value));
    if (!broken) return;
    const [name, value] = broken;
    throw new Error(
      `Cannot continue training as the loss term "${name}" is ${value} at step ${step}: ${this.#method.advice}`,
    );
  }

  /** A copy of all state that steps change; with a step that has no record yet, what its record needs. */
  async export(): Promise<Map<string, HostTensor>> {
    const tensors = new Map<string, HostTensor>();
    const add = (prefix: string, part: ReadonlyMap<string, HostTensor>) => {
      for (const [name, tensor] of part) tensors.set(`${prefix}/${name}`, tensor);
    };
    for (const [prefix, part] of Object.entries(this.#method.state)) {
      add(prefix, await part.export());
    }
    if (this.#unrecorded) add(UNRECORDED, exportStep(this.#unrecorded));
    return tensors;
  }

  /**
   * Loads the output of {@linkcode export}.
   *
   * @param tensors All state that steps change
   * @param origin Named in errors, e.g. the file's path
   * @throws {TypeError} If it belongs to another network
   */
  import(tensors: ReadonlyMap<string, HostTensor>, origin: string): void {
    const under = (prefix: string) =>
      new Map(
        [...tensors]
          .filter(([name]) => name.startsWith(`${prefix}/`))
          .map(([name, tensor]) => [name.slice(prefix.length + 1), tensor]),
      );
    for (const [prefix, part] of Object.entries(this.#method.state)) {
      part.import(under(prefix), origin);
    }
    this.#unrecorded = importStep(under(UNRECORDED));
  }

  /** The final weights. */
  async weights(): Promise<Map<string, HostTensor>> {
    return await this.#method.weights();
  }

  [Symbol.dispose](): void {
    this.#exchange[Symbol.dispose]();
    this.#method[Symbol.dispose]();
  }
}
