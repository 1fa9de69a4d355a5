/**
 * What is read after a step: its loss terms, which several workers average first.
 *
 * @module
 */
import { record, type RecordedStep } from "../backend/record.ts";
import * as tf from "../tf.ts";
import { meansOfWorkers } from "../workers/exchange.ts";
import { activeWorkers } from "../workers/workers.ts";

/** Reads steps. Dispose it. */
export class StepExchange implements Disposable {
  #average: RecordedStep<{ values: tf.Tensor1D }, tf.Tensor1D> | undefined;

  /**
   * Reads a step's terms, and disposes them.
   *
   * @param terms Of this worker's examples
   * @param stop Whether this worker wants all to stop
   * @returns Means over all workers; whether any of them wants to stop
   */
  async read(
    terms: Record<string, tf.Tensor>,
    stop: boolean,
  ): Promise<{ losses: Record<string, number>; stopped: boolean }> {
    if (activeWorkers().count === 1) return { losses: await readTerms(terms), stopped: stop };
    this.#average ??= record(
      ({ values }: { values: tf.Tensor1D }) => meansOfWorkers([values])[0] as tf.Tensor1D,
      { name: "average of loss terms" },
    );
    const values = tf.tidy(() =>
      tf.stack([...Object.values(terms).map((term) => tf.reshape(term, [])), tf.scalar(+stop)])
    ) as tf.Tensor1D;
    const means = this.#average({ values });
    const numbers = await means.data<"float32">();
    tf.dispose([values, means, terms]);
    const losses = Object.fromEntries(Object.keys(terms).map((name, at) => [name, numbers[at]]));
    return { losses, stopped: numbers[numbers.length - 1] > 0 };
  }

  [Symbol.dispose](): void {
    this.#average?.[Symbol.dispose]();
  }
}

/**
 * Reads a step's loss terms, and disposes them.
 *
 * @param terms What a step returned, a number each
 * @returns The numbers by name
 *
 * @example Usage
 * ```ts
 * import { readTerms } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * assert.deepEqual(await readTerms({ task: tf.scalar(0.5) }), { task: 0.5 });
 * ```
 */
export async function readTerms(
  terms: Record<string, tf.Tensor>,
): Promise<Record<string, number>> {
  const numbers: Record<string, number> = {};
  for (const [name, term] of Object.entries(terms)) {
    [numbers[name]] = await term.data();
    term.dispose();
  }
  return numbers;
}
