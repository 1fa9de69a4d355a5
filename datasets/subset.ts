/**
 * A part of a dataset.
 *
 * @module
 */
import type { Dataset } from "@realign/core";
import { assertIndex, digestOf, type OpenedDataset } from "./dataset.ts";

/**
 * Takes some examples of a dataset.
 *
 * @param dataset The whole
 * @param examples How many, from the first on, or which, by index
 * @returns A dataset of these examples; the ids stay, the digest changes unless all are taken
 * @throws {RangeError} If there are none or not so many examples
 *
 * @example Usage
 * ```ts
 * import { openShapes, subset } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * const some = subset(openShapes("test"), [5, 7]);
 * assert.equal(some.length, 2);
 * assert.equal((await some.read(1)).id, "test/7");
 * ```
 */
export function subset<A>(
  dataset: Dataset<A> & { readonly notes?: readonly string[] },
  examples: number | readonly number[],
): OpenedDataset<A> {
  const wanted = typeof examples === "number" ? examples : examples.length;
  if (!(Number.isInteger(wanted) && wanted > 0 && wanted <= dataset.length)) {
    throw new RangeError(
      `Cannot take examples of ${dataset.name} ${dataset.split} as their count must be from 1 to ${dataset.length}: ` +
        `current value is ${wanted}`,
    );
  }
  const notes = dataset.notes ?? [];
  if (examples === dataset.length) return { ...dataset, notes };
  const indices = typeof examples === "number" ? undefined : [...examples];
  indices?.forEach((index) => assertIndex(dataset, index));
  const part: OpenedDataset<A> = {
    ...dataset,
    notes,
    length: wanted,
    digest: digestOf([dataset.digest, indices ? JSON.stringify(indices) : `first ${wanted}`]),
    async read(index) {
      assertIndex(part, index);
      return await dataset.read(indices?.[index] ?? index);
    },
  };
  return part;
}
