/**
 * Examples that a training leaves out, to be measured on.
 *
 * @module
 */
import type { Dataset } from "../dataset.ts";
import { createRandom } from "../random.ts";

/**
 * Splits a dataset at random: by its length and the seed alone, so that a resumed training leaves out the same ones.
 *
 * @param dataset The whole
 * @param count How many examples are left out; 0 for none
 * @param seed Of the run; the stream is (seed, "held out")
 * @returns What is trained on, and what is left out, undefined if that is nothing
 * @throws {RangeError} If nothing would be left to train on
 *
 * @example Usage
 * ```ts
 * import { holdOut } from "./held_out.ts";
 * import { createToyDataset } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * const [training, heldOut] = holdOut(createToyDataset(12), 4, 1);
 * assert.deepEqual([training.length, heldOut?.length], [8, 4]);
 * ```
 */
export function holdOut<A>(
  dataset: Dataset<A>,
  count: number,
  seed: number,
): readonly [Dataset<A>, Dataset<A> | undefined] {
  if (count === 0) return [dataset, undefined];
  const { length } = dataset;
  if (count >= length) {
    throw new RangeError(
      `Cannot hold out examples as train.guard.examples must be less than the ${length} examples of ${dataset.name} ${dataset.split}: current value is ${count}`,
    );
  }
  const order = createRandom(seed, "held out").permutation(length);
  // In the dataset's own order: a dataset on disk is read fastest so.
  const left = order.slice(0, count).sort();
  const rest = order.slice(count).sort();
  return [part(dataset, rest), part(dataset, left)];
}

function part<A>(dataset: Dataset<A>, indices: Uint32Array): Dataset<A> {
  return { ...dataset, length: indices.length, read: (index) => dataset.read(indices[index]) };
}
