/**
 * A part of a dataset.
 *
 * @module
 */
import type { Dataset } from "@realign/core";
import { assertIndex, digestOf, type OpenedDataset } from "./dataset.ts";

/**
 * Takes the first examples of a dataset, or all if there are fewer, with a note.
 *
 * @param dataset The whole
 * @param examples Number of examples; 0 for all
 * @returns A dataset of at most that length
 *
 * @example Usage
 * ```ts
 * import { openShapes, takeExamples } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * const ten = openShapes("test", { count: 10 });
 * assert.equal(takeExamples(ten, 4).length, 4);
 * assert.deepEqual(takeExamples(ten, 1000).notes, ["1000 examples requested, all 10 available are used"]);
 * ```
 */
export function takeExamples<A>(
  dataset: Dataset<A> & Partial<Pick<OpenedDataset<A>, "notes" | "files">>,
  examples: number,
): OpenedDataset<A> {
  const { length, notes = [] } = dataset;
  if (examples === 0 || examples === length) return { ...dataset, notes };
  if (examples < length) return subset(dataset, examples);
  const note = `${examples} examples requested, all ${length} available are used`;
  return { ...dataset, notes: [...notes, note] };
}

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
  dataset: Dataset<A> & Partial<Pick<OpenedDataset<A>, "notes" | "files">>,
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
    ...(dataset.files && {
      files: indices?.map((index) => dataset.files![index]) ?? dataset.files.slice(0, wanted),
    }),
    length: wanted,
    digest: digestOf([dataset.digest, indices ? JSON.stringify(indices) : `first ${wanted}`]),
    async read(index) {
      assertIndex(part, index);
      return await dataset.read(indices?.[index] ?? index);
    },
  };
  return part;
}

/**
 * Counts the examples of a dataset whose files are in another one as well, by whatever name.
 *
 * @param dataset The one whose examples are counted, e.g. a test split
 * @param other E.g. the training split
 * @returns 0 also where examples have no files of their own
 *
 * @example Usage
 * ```ts
 * import { countShared, openShapes } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * const drawn = openShapes("test", { count: 4 });
 * const [train, test] = [["a", "b"], ["b", "c", "b"]].map((files) => ({ ...drawn, files }));
 * assert.equal(countShared(test, train), 2);
 * assert.equal(countShared(drawn, drawn), 0);
 * ```
 */
export function countShared<A>(
  { files = [] }: Pick<OpenedDataset<A>, "files">,
  other: Pick<OpenedDataset<A>, "files">,
): number {
  const there = new Set(other.files);
  return files.filter((file) => there.has(file)).length;
}
