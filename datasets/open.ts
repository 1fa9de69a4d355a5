/**
 * Opens a dataset by the name that presets and the command line know it by.
 *
 * @module
 */
import { openCifar10, openCifar100 } from "./cifar.ts";
import type { ClassAnnotation, OpenedDataset } from "./dataset.ts";
import { openShapes } from "./shapes.ts";
import { subset } from "./subset.ts";

/** What can be asked of any dataset; each set refuses what it cannot give. */
export interface OpenOptions {
  /** The folder with the files; the command line's `--data DIR`. */
  readonly root?: string;
  /** `[height, width]` of the pictures. Default: the dataset's own */
  readonly size?: readonly [number, number];
  /** How many classes are kept, the first ones. Default: all */
  readonly classes?: number;
  /** How many examples are kept, the first ones. Default: all */
  readonly examples?: number;
  /** Of what is drawn at random: scenes, the split of a folder that has none. Default: 0 */
  readonly seed?: number;
}

type Open = (
  split: "train" | "test",
  options: OpenOptions,
) => Promise<OpenedDataset<ClassAnnotation>>;

/** Every dataset by name. */
const table: Readonly<Record<string, Open>> = {
  shapes: (split, { size = [32, 32], classes, examples, seed }) =>
    Promise.resolve(openShapes(split, { size: size[0], classes, count: examples, seed })),
  cifar10: (split, options) => openCifar10(rootOf("cifar10", options), split),
  cifar100: (split, options) =>
    openCifar100(rootOf("cifar100", options), split, options.classes === 20 ? "coarse" : "fine"),
};

/** The names of all datasets. */
export const datasetNames: readonly string[] = Object.keys(table);

/**
 * Opens a dataset by name.
 *
 * @param name One of `datasetNames`
 * @param split "test" is the validation split where the labels of the test split are not public
 * @param options Where its files are, and what of it is wanted
 * @returns The dataset
 * @throws {RangeError} If no dataset has this name, or an option is out of range
 * @throws {Error} If `root` is not given or a file is missing or damaged, in one line that names it
 *
 * @example Usage
 * ```ts
 * import { openDataset } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * assert.equal((await openDataset("shapes", "test", { examples: 10 })).length, 10);
 * ```
 */
export async function openDataset(
  name: string,
  split: "train" | "test",
  options: OpenOptions = {},
): Promise<OpenedDataset<ClassAnnotation>> {
  if (!Object.hasOwn(table, name)) {
    throw new RangeError(`Cannot open dataset "${name}": known are ${datasetNames.join(", ")}`);
  }
  const dataset = await table[name](split, options);
  if (options.examples === undefined || options.examples === dataset.length) return dataset;
  return subset(dataset, options.examples);
}

function rootOf(name: string, options: OpenOptions): string {
  if (options.root === undefined) {
    throw new Error(`Cannot open ${name} without its files: give their folder with --data DIR`);
  }
  return options.root;
}
