/**
 * Datasets whose examples are picture files, each of a known class.
 *
 * @module
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { assertIndex, type ClassDataset, digestOf } from "./dataset.ts";
import { decodePicture } from "./decode.ts";

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
  readonly root: string;
  readonly size: readonly [number, number];
  readonly classNames: readonly string[];
  readonly files: readonly PictureFile[];
  readonly notes: readonly string[];
}

/** Files asked for their size at a time. */
const statsAtOnce = 256;

/**
 * Makes the dataset. Its digest covers names, classes and sizes of files, not what is in them: reading
 * a million pictures at every start would take too long.
 */
export async function createPictureDataset(pictures: PictureFiles): Promise<ClassDataset> {
  const { root, size, files, classNames } = pictures;
  const [height, width] = size;
  if (!(Number.isInteger(height) && Number.isInteger(width) && height > 0 && width > 0)) {
    throw new RangeError(
      `Cannot open ${pictures.name} as size must be two positive whole numbers: current value is ${height}x${width}`,
    );
  }
  const listing: string[] = [];
  for (let first = 0; first < files.length; first += statsAtOnce) {
    const lines = files.slice(first, first + statsAtOnce).map(async (file) =>
      `${file.path}\t${file.class}\t${(await stat(join(root, file.path))).size}\n`
    );
    listing.push(...await Promise.all(lines));
  }
  const dataset: ClassDataset = {
    name: pictures.name,
    split: pictures.split,
    length: files.length,
    size,
    classNames,
    notes: pictures.notes,
    digest: digestOf([pictures.name, size.join(), classNames.join("\n"), listing.join("")]),
    classOf: (index) => {
      assertIndex(dataset, index);
      return files[index].class;
    },
    async read(index) {
      assertIndex(dataset, index);
      const file = files[index];
      const picture = await decodePicture(join(root, file.path), { size });
      return { id: file.path, picture, annotation: { class: file.class } };
    },
  };
  return dataset;
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
