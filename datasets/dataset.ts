/**
 * What all datasets of this package have in common.
 *
 * @module
 */
import type { Annotations, Dataset } from "@realign/core";
import { createHash } from "node:crypto";
import type { OwnOptions } from "./own_options.ts";

/** Which class a picture shows. */
export type ClassAnnotation = Annotations["class"];

/** A class for each pixel of a picture. */
export type LabelMapAnnotation = Annotations["labelMap"];

/** The objects in a picture. */
export type BoxAnnotation = Annotations["boxes"];

/** A dataset as it was opened. */
export interface OpenedDataset<A> extends Dataset<A> {
  /** What a user should know of it, a line each: missing parts, what was left out. */
  readonly notes: readonly string[];
  /** The file of each example, the same text for all its names; absent where examples have no files of their own. */
  readonly files?: readonly string[];
}

/** A dataset of classes that knows each example's class without reading its picture. */
export interface ClassDataset extends OpenedDataset<ClassAnnotation> {
  /** The class of the example at an index. */
  classOf(index: number): number;
}

/** The sha-256 of texts and bytes, in hexadecimal; each part is preceded by its length. */
export function digestOf(parts: Iterable<string | Uint8Array>): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    const bytes = typeof part === "string" ? new TextEncoder().encode(part) : part;
    hash.update(`${bytes.length}:`).update(bytes);
  }
  return hash.digest("hex");
}

/** Fails unless an index lies in a dataset. */
export function assertIndex(dataset: { name: string; length: number }, index: number): void {
  if (!(Number.isInteger(index) && index >= 0 && index < dataset.length)) {
    throw new RangeError(
      `Cannot read example ${index} of ${dataset.name} as the index must be from 0 to ${
        dataset.length - 1
      }: current value is ${index}`,
    );
  }
}

/** What can be asked of any dataset; each set refuses what it cannot give. */
export interface OpenOptions {
  /** The folder with the files; the command line's `--data DIR`. */
  readonly root?: string;
  /** `[height, width]` of the images. Default: the dataset's own */
  readonly size?: readonly [number, number];
  /** How many classes are kept, the first ones; 20 of cifar100 are its coarse classes. Default: all */
  readonly classes?: number;
  /** How many examples are kept at most, the first ones; 0 for all. Default: all */
  readonly examples?: number;
  /** Of what is drawn at random: scenes, the split of a folder that has none. Default: 0 */
  readonly seed?: number;
  /**
   * Options that only this dataset has. shapes: `objects`, the most shapes of a scene. Sets of files:
   * `follow`, whether links that lead out of the folder are followed. With label maps or boxes:
   * `train` and `test`, which lists of files these splits are, parted by commas; of coco the JSON file and the
   * folder of its pictures. With label maps: `fit`,
   * "stretch" (default), "cover" or "native", each image's own size. With boxes: `empty`, `outside`, `unknown`, `difficult` and `missing` of
   * `BoxPolicy`; in VOC's layout `classes`, their names parted by commas.
   */
  readonly own?: OwnOptions;
}
