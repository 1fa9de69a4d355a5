/**
 * In what order examples are visited: pure functions of a seed and a step, so that a run that is
 * resumed, and a cache that is filled beforehand, see the same batches.
 *
 * @module
 */
import { createRandom } from "../random.ts";

/** The examples of one training batch. */
export interface BatchIndices {
  /** How often the whole set was gone through before. */
  readonly epoch: number;
  /** Which examples, by index into the dataset. */
  readonly indices: Uint32Array;
}

/**
 * Makes the order of a run. It keeps the permutation of the latest epoch, so that asking for one
 * step after the other costs little; the answer depends on the step alone.
 *
 * @param length Examples in the dataset
 * @param batchSize Examples in a batch
 * @param seed The run's seed
 * @returns From the number of a step (from 0, over all epochs) to its examples
 * @throws {RangeError} If there is not one full batch
 *
 * @example Usage
 * ```ts
 * import { createOrder } from "./order.ts";
 * import assert from "node:assert/strict";
 *
 * const order = createOrder(10, 4, 7);
 * assert.equal(order(5).epoch, 2);
 * assert.deepEqual(order(5), createOrder(10, 4, 7)(5));
 * ```
 */
export function createOrder(
  length: number,
  batchSize: number,
  seed: number,
): (step: number) => BatchIndices {
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > length) {
    throw new RangeError(
      `Cannot order examples as the batch size must be an integer from 1 to the ${length} examples: ` +
        `current value is ${batchSize}`,
    );
  }
  const steps = Math.floor(length / batchSize);
  let latest = -1;
  let permutation = new Uint32Array();
  return (step) => {
    const epoch = Math.floor(step / steps);
    if (epoch !== latest) {
      permutation = createRandom(seed, "order", epoch).permutation(length);
      latest = epoch;
    }
    const first = (step % steps) * batchSize;
    return { epoch, indices: permutation.slice(first, first + batchSize) };
  };
}

/**
 * The examples of one evaluation batch: in the dataset's order, the last batch filled up with the
 * last example, so that every batch has the same shape.
 *
 * @param length Examples in the dataset
 * @param batchSize Examples in a batch
 * @param step From 0 to `ceil(length / batchSize) - 1`
 * @returns `batchSize` indices, and how many of them are real
 * @throws {RangeError} If the batch lies outside the dataset
 *
 * @example Usage
 * ```ts
 * import { evaluationIndices } from "./order.ts";
 * import assert from "node:assert/strict";
 *
 * const { indices, count } = evaluationIndices(5, 3, 1);
 * assert.deepEqual([...indices], [3, 4, 4]);
 * assert.equal(count, 2);
 * ```
 */
export function evaluationIndices(
  length: number,
  batchSize: number,
  step: number,
): { readonly indices: Uint32Array; readonly count: number } {
  const first = step * batchSize;
  if (!(Number.isInteger(batchSize) && batchSize > 0 && first >= 0 && first < length)) {
    throw new RangeError(
      `Cannot take evaluation batch ${step} of ${batchSize} as it must start within the ${length} examples: ` +
        `current value is ${first}`,
    );
  }
  const indices = Uint32Array.from(
    { length: batchSize },
    (_, row) => Math.min(first + row, length - 1),
  );
  return { indices, count: Math.min(batchSize, length - first) };
}
