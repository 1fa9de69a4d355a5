/**
 * Opens a dataset by the name that presets and the command line know it by.
 *
 * @module
 */
import { lookUp } from "@realign/core/attacks";
import { keepClasses, resizeTo } from "./adapt.ts";
import { openCifar10, openCifar100 } from "./cifar.ts";
import type { ClassAnnotation, ClassDataset, OpenedDataset } from "./dataset.ts";
import { expectedFiles } from "./expected_files.ts";
import { openFolder } from "./folder.ts";
import { openImagenet64 } from "./imagenet64.ts";
import { openShapes } from "./shapes.ts";
import { subset } from "./subset.ts";
import { openTinyImagenet } from "./tiny_imagenet.ts";

/** What can be asked of any dataset; each set refuses what it cannot give. */
export interface OpenOptions {
  /** The folder with the files; the command line's `--data DIR`. */
  readonly root?: string;
  /** `[height, width]` of the pictures. Default: the dataset's own */
  readonly size?: readonly [number, number];
  /** How many classes are kept, the first ones; 20 of cifar100 are its coarse classes. Default: all */
  readonly classes?: number;
  /** How many examples are kept, the first ones. Default: all */
  readonly examples?: number;
  /** Of what is drawn at random: scenes, the split of a folder that has none. Default: 0 */
  readonly seed?: number;
}

type Split = "train" | "test";
type Open = (split: Split, options: OpenOptions) => Promise<OpenedDataset<ClassAnnotation>>;

/** A set of files, with the size and classes that are asked for. */
function files(
  name: keyof typeof expectedFiles,
  open: (root: string, split: Split, options: OpenOptions) => Promise<ClassDataset>,
): Open {
  return async (split, options) => {
    if (options.root === undefined) {
      throw new Error(`Cannot open ${name} without its files: ${expectedFiles[name]}`);
    }
    const dataset = await open(options.root, split, options);
    const { classes = dataset.classNames.length, size = dataset.size } = options;
    return resizeTo(keepClasses(dataset, classes), size);
  };
}

/** Every dataset by name. */
const table: Readonly<Record<string, Open>> = {
  shapes: async (split, options) => {
    const { size: [height, width] = [32, 32], classes, examples, seed } = options;
    if (height !== width) {
      throw new RangeError(
        `Cannot draw shapes as their size must be square: current value is ${height}x${width}`,
      );
    }
    return await openShapes(split, { size: height, classes, count: examples, seed });
  },
  cifar10: files("cifar10", openCifar10),
  cifar100: files(
    "cifar100",
    (root, split, { classes }) => openCifar100(root, split, classes === 20 ? "coarse" : "fine"),
  ),
  imagenet64: files("imagenet64", openImagenet64),
  "tiny-imagenet": files("tiny-imagenet", openTinyImagenet),
  folder: files("folder", openFolder),
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
  const open = lookUp(table, name, "open a dataset", "its name");
  const dataset = await open(split, options);
  if (options.examples === undefined || options.examples === dataset.length) return dataset;
  return subset(dataset, options.examples);
}
