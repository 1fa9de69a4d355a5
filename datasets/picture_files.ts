/**
 * Datasets whose examples are picture files, each of a known class.
 *
 * @module
 */
import { join } from "node:path";
import { assertIndex, type ClassDataset, digestOf } from "./dataset.ts";
import { decodePicture } from "./formats/decode.ts";
import type { DataRoot } from "./formats/data_root.ts";
import { distinctFiles, findFiles } from "./formats/files.ts";
import { remember } from "./remember.ts";

/** A picture file. */
export interface PictureFile {
  /** Below the root, with "/"; also the example's id. */
  readonly path: string;
  readonly class: number;
}

/** What a dataset of picture files is made from. */
export interface PictureFiles {
  readonly name: string;
  readonly split: string;
  readonly root: DataRoot;
  readonly size: readonly [number, number];
  readonly classNames: readonly string[];
  readonly files: readonly PictureFile[];
  readonly notes: readonly string[];
  /** What the user can do where there are none. */
  readonly advice: string;
}

/**
 * Makes the dataset. Its digest covers names, classes and sizes of files, not what is in them: reading
 * a million pictures at every start would take too long.
 */
export async function createPictureDataset(pictures: PictureFiles): Promise<ClassDataset> {
  const { root, size, classNames } = pictures;
  assertPictureSize(pictures.name, size);
  if (pictures.files.length === 0) {
    throw new Error(
      `Cannot find images of the ${pictures.split} split in ${root.path}: ${
        [pictures.advice, ...pictures.notes].join("; ")
      }`,
    );
  }
  const paths = pictures.files.map(({ path }) => path);
  const { items: files, found, notes } = distinctFiles(
    pictures.files,
    await findFiles(root, paths, "it existed a moment ago"),
    ({ path }) => path,
  );
  const listing = files.map((file, index) => `${file.path}\t${file.class}\t${found[index].size}\n`);
  const reading = remember(async (index) => {
    const file = files[index];
    const picture = await decodePicture(join(root.path, file.path), { size });
    return { id: file.path, picture, annotation: { class: file.class } };
  }, ({ picture }) => picture.pixels.length);
  const dataset: ClassDataset = {
    name: pictures.name,
    split: pictures.split,
    length: files.length,
    size,
    classNames,
    notes: [...pictures.notes, ...notes],
    files: found.map(({ identity }) => identity),
    digest: digestOf([pictures.name, size.join(), classNames.join("\n"), listing.join("")]),
    classOf: (index) => {
      assertIndex(dataset, index);
      return files[index].class;
    },
    async read(index) {
      assertIndex(dataset, index);
      return await reading(index);
    },
  };
  return dataset;
}

/** Fails unless a size is that of a picture. */
export function assertPictureSize(name: string, [height, width]: readonly [number, number]): void {
  if (!(Number.isInteger(height) && Number.isInteger(width) && height > 0 && width > 0)) {
    throw new RangeError(
      `Cannot open ${name} as size must be two positive integers: current value is ${height}x${width}`,
    );
  }
}

/** Takes the first of each list, then the second of each, and so on: any beginning is balanced. */
export function interleave<Item>(lists: readonly (readonly Item[])[]): Item[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  const items: Item[] = [];
  for (let place = 0; place < longest; place++) {
    for (const list of lists) if (place < list.length) items.push(list[place]);
  }
  return items;
}
