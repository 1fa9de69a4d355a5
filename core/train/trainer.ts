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

  /** Whether the method's watch has ended the training before its last step. */
  get ended(): boolean {
    return this.#method.watch?.ended ?? false;
  }

  /** Multiplications and additions of a step; undefined before the first, and where nothing is recorded. */
  get flops(): number | undefined {
    return this.#method.step.statistics()?.flops;
  }

  /**
   * Runs until the last step, or until the method's watch ends the training.
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
    if (this.step >= this.totalSteps || this.ended) return;
    let begun = performance.now();
    for await (const batch of batches) {
      const rates = this.#method.rates(this.step, this.totalSteps);
      const terms = await this.#move(batch, rates);
      const step = this.step++;
      const { losses, stopped } = await this.#exchange.read(terms, asksToStop());
      this.#assertFinite(losses, step);
      const epoch = Math.floor(step / this.#stepsPerEpoch);
      const review = await this.#review(epoch);
      const now = performance.now();
      yield {
        stage: this.stage,
        step,
        epoch,
        learningRate: rates.learningRate,
        seconds: (now - begun) / 1000,
        losses,
        ...(stopped && { stopped }),
        ...(review && { review }),
      };
      begun = now;
      if (this.step >= this.totalSteps || this.ended) return;
    }
  }

  /** One step; the batch is disposed. */
  async #move(
    batch: Batch<L>,
    rates: Readonly<Record<string, number>>,
  ): Promise<Record<string, tf.Tensor>> {
    let held: tf.TensorContainer = [batch.images, batch.labels as tf.TensorContainer];
    try {
      const prepared = await this.#method.prepare(batch, this.step);
      const scalars = Object.entries(rates).map(([name, rate]) => [name, tf.scalar(rate)] as const);
      const inputs = { ...prepared, ...Object.fromEntries(scalars) };
      held = inputs;
      return this.#method.step(inputs);
    } finally {
      tf.dispose(held);
    }
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

  /** A copy of all state that steps change. */
  async export(): Promise<Map<string, HostTensor>> {
    const tensors = new Map<string, HostTensor>();
    for (const [prefix, part] of Object.entries(this.#method.state)) {
      for (const [name, tensor] of await part.export()) tensors.set(`${prefix}/${name}`, tensor);
    }
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
    for (const [prefix, part] of Object.entries(this.#method.state)) {
      const own = [...tensors].filter(([name]) => name.startsWith(`${prefix}/`));
      part.import(
        new Map(own.map(([name, tensor]) => [name.slice(prefix.length + 1), tensor])),
        origin,
      );
    }
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
