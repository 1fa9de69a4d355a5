/**
 * An exponential moving average of weights, which evaluation uses instead of them.
 *
 * @module
 */
import * as tf from "../tf.ts";
import type { HostTensor, Parameters } from "../weights/parameters.ts";
import type { Stateful } from "./method.ts";

/**
 * The moving average of a network's weights, or none.
 *
 * @example Usage
 * ```ts
 * import { createRandom, MovingAverage, Parameters } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * using parameters = new Parameters(createRandom(1));
 * const weight = parameters.create("weight", [1], () => Float32Array.of(0));
 * using average = new MovingAverage(parameters, 0.99);
 * weight.assign(tf.tensor1d([1]));
 * average.move(tf.scalar(average.rateAt(0))); // young: 1 / 10 of the old is kept
 * assert.ok(Math.abs((await average.weights()).get("weight")!.data[0] - 0.9) < 1e-6);
 * assert.equal(weight.dataSync()[0], 1);
 * ```
 */
export class MovingAverage implements Stateful, Disposable {
  readonly #parameters: Parameters;
  readonly #share: number;
  readonly #averaged: readonly tf.Variable[];
  /** In the order of the averaged weights; empty without averaging. */
  readonly variables: readonly tf.Variable[];

  /**
   * @param parameters The weights; borrowed
   * @param share Fraction of the old average that a step keeps in the long run; 0 for no average
   * @param averaged Which of them. Default: the trainable ones
   */
  constructor(
    parameters: Parameters,
    share: number,
    averaged: readonly tf.Variable[] = parameters.trainable,
  ) {
    this.#parameters = parameters;
    this.#share = share;
    this.#averaged = averaged;
    this.variables = share > 0 ? averaged.map((w) => tf.variable(w, false)) : [];
  }

  /** The fraction of the old average that a step keeps: small at first, to forget the initial weights. */
  rateAt(step: number): number {
    return Math.min(this.#share, (1 + step) / (10 + step));
  }

  /**
   * Moves towards the current weights.
   *
   * @param rate Fraction of the old average that is kept
   * @param isOwn Which of the weights. Default: all
   */
  move(rate: tf.Scalar, isOwn: (index: number) => boolean = () => true): void {
    this.variables.forEach((average, index) => {
      if (!isOwn(index)) return;
      const weight = this.#averaged[index];
      average.assign(tf.add(weight, tf.mul(tf.sub(average, weight), rate)));
    });
  }

  /** All weights of the network, averaged if averaging is on. */
  async weights(): Promise<Map<string, HostTensor>> {
    if (this.variables.length === 0) return await this.#parameters.export();
    const raw = this.#averaged.map((weight) => tf.clone(weight));
    const assign = (values: readonly tf.Tensor[]) =>
      this.#averaged.forEach((weight, index) => weight.assign(values[index]));
    assign(this.variables);
    try {
      return await this.#parameters.export();
    } finally {
      assign(raw);
      tf.dispose(raw);
    }
  }

  async export(): Promise<Map<string, HostTensor>> {
    const values = this.variables.map(async (average, index) =>
      [`${index}`, { shape: average.shape, data: await average.data<"float32">() }] as const
    );
    return new Map(await Promise.all(values));
  }

  import(tensors: ReadonlyMap<string, HostTensor>, origin: string): void {
    this.variables.forEach((average, index) => {
      const tensor = tensors.get(`${index}`);
      if (tensor?.data.length !== average.size) {
        throw new TypeError(
          `Cannot load ${origin} as its moving average belongs to another network`,
        );
      }
      tf.tidy(() => average.assign(tf.tensor(tensor.data, average.shape)));
    });
  }

  [Symbol.dispose](): void {
    tf.dispose([...this.variables]);
  }
}
