/**
 * Processes that train one network together. Each has its share of every batch; what a loss needs of the whole batch,
 * and the gradients, are exchanged, so that they train as one process would.
 *
 * @module
 */
import type * as tf from "../tf.ts";

/** All processes of a training, as one of them sees them. */
export interface Workers {
  /** Which one this is, from 0. The first writes checkpoints. */
  readonly index: number;
  readonly count: number;
  /**
   * The sum of a tensor over all workers. Every worker must ask for the same sums in the same order.
   *
   * @param tensor float32 or int32, of the same shape everywhere
   */
  sum<T extends tf.Tensor>(tensor: T): T;
  /** Numbers of the workers that do not answer, after a sum has failed. */
  lost(): number[];
}

/** One process. */
const ALONE: Workers = { index: 0, count: 1, sum: (tensor) => tensor, lost: () => [] };

let current = ALONE;

/**
 * The workers of this process; by default it is alone.
 *
 * @example Usage
 * ```ts
 * import { activeWorkers } from "@realign/core/workers";
 * import assert from "node:assert/strict";
 *
 * assert.equal(activeWorkers().count, 1);
 * ```
 */
export function activeWorkers(): Workers {
  return current;
}

/** Tells who the workers are; undefined for this process alone. Called where the backend is made. */
export function setWorkers(workers: Workers | undefined): void {
  current = workers ?? ALONE;
}

/**
 * This worker's rows of a batch.
 *
 * @param batchSize B of the whole batch
 * @returns First row and number of rows
 * @throws {RangeError} If shares would not be equal
 *
 * @example Usage
 * ```ts
 * import { ownRows } from "@realign/core/workers";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(ownRows(64), { first: 0, rows: 64 });
 * ```
 */
export function ownRows(batchSize: number): { first: number; rows: number } {
  const { index, count } = current;
  const rows = batchSize / count;
  if (Number.isInteger(rows)) return { first: index * rows, rows };
  throw new RangeError(
    `Cannot share a batch among ${count} workers as the batch size must be a multiple of their number: current value is ${batchSize}`,
  );
}
