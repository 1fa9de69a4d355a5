/**
 * Opens a dataset by the name that presets and the command line know it by.
 *
 * @module
 */
import type { AnnotationKind, Annotations } from "@realign/core";
import { lookUp } from "@realign/core";
import type { OpenedDataset, OpenOptions } from "./dataset.ts";
import { expectedFiles } from "./expected_files.ts";
import { takeExamples } from "./subset.ts";
import { type Open, table } from "./table.ts";

export type { OpenOptions } from "./dataset.ts";

/** The names of all datasets. */
export const datasetNames: readonly string[] = Object.keys(table);

/**
 * Whether a dataset is read from files, of which `root` is the folder; others are drawn.
 *
 * @param name One of `datasetNames`
 * @returns Whether it needs `root`
 *
 * @example Usage
 * ```ts
 * import { readsFiles } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(["cifar10", "shapes"].map(readsFiles), [true, false]);
 * ```
 */
export function readsFiles(name: string): boolean {
  return Object.hasOwn(expectedFiles, name);
}

/** Kinds of annotation in words. */
const kindNames: Readonly<Record<AnnotationKind, string>> = {
  class: "classes",
  labelMap: "label maps",
  boxes: "boxes",
};

/** The names of the datasets that have a kind of annotation. */
export function datasetsWith(kind: AnnotationKind): string[] {
  return datasetNames.filter((name) => table[name][kind] !== undefined);
}

/**
 * Opens a dataset by name.
 *
 * @param name One of `datasetNames`
 * @param split "test" is the validation split where the labels of the test split are not public
 * @param options Where its files are, what of it is wanted, and what it is to say of a picture:
 * `annotation` is "class" (default), "labelMap" or "boxes". Label maps of shapes have one class more, the
 * background
 * @returns The dataset
 * @throws {RangeError} If no dataset has this name, it has no annotation of this kind, or an option is
 * unknown or out of range
 * @throws {Error} If `root` is not given or a file is missing or damaged, in one line that names it
 *
 * @example Usage
 * ```ts
 * import { openDataset } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * assert.equal((await openDataset("shapes", "test", { examples: 10 })).length, 10);
 * const scenes = await openDataset("shapes", "test", { annotation: "boxes", own: { objects: 3 } });
 * assert.ok((await scenes.read(0)).annotation.boxes.length <= 3);
 * ```
 */
export async function openDataset<Kind extends AnnotationKind = "class">(
  name: string,
  split: "train" | "test",
  options: OpenOptions & { readonly annotation?: Kind } = {},
): Promise<OpenedDataset<Annotations[Kind]>> {
  const openers = lookUp(table, name, "open a dataset", "the dataset");
  const kind: AnnotationKind = options.annotation ?? "class";
  const open = openers[kind] as Open<Kind> | undefined;
  if (!open) {
    const own = (Object.keys(openers) as AnnotationKind[]).map((other) => kindNames[other]);
    throw new RangeError(
      `Cannot open ${name} for a task that needs ${kindNames[kind]} as it has ${
        own.join(" and ")
      }: use one of ${datasetsWith(kind).map((other) => `"${other}"`).join(", ")}`,
    );
  }
  const dataset = await open(split, options);
  return takeExamples(dataset, options.examples ?? 0);
}
