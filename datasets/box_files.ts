/**
 * Datasets of picture files with boxes.
 *
 * @module
 */
import type { Box } from "@realign/core";
import { join } from "node:path";
import type { BoxPolicy } from "./box_policy.ts";
import { assertIndex, type BoxAnnotation, digestOf, type OpenedDataset } from "./dataset.ts";
import { decodePicture, pictureSize } from "./formats/decode.ts";
import type { DataRoot, LinkOptions } from "./formats/data_root.ts";
import { distinctFiles, findFiles, readBytes } from "./formats/files.ts";
import { assertPictureSize } from "./picture_files.ts";
import { remember } from "./remember.ts";

/** A dataset of boxes. */
export type BoxDataset = OpenedDataset<BoxAnnotation>;

/** How pictures with boxes are opened. */
export interface BoxOptions extends BoxPolicy, LinkOptions {
  /** `[height, width]` that images are stretched to. Default: [300, 300], SSD300's */
  readonly size?: readonly [number, number];
}

/** A picture with its boxes. */
export interface BoxedPicture {
  readonly id: string;
  /** Below the root, with "/". */
  readonly path: string;
  /** `[height, width]` that the boxes were measured in. */
  readonly size: readonly [number, number];
  readonly boxes: readonly Box[];
  /** The file that says so, for errors. */
  readonly source: string;
}

/** What a dataset of boxes is made from. */
export interface BoxFiles {
  readonly name: string;
  readonly split: string;
  readonly root: DataRoot;
  readonly size?: readonly [number, number];
  readonly classNames: readonly string[];
  readonly pictures: readonly BoxedPicture[];
  readonly notes: readonly string[];
  /** What the user can do where a file is missing. */
  readonly advice: string;
}

/**
 * Makes the dataset. Boxes are held, pictures are read and stretched when they are asked for, and kept as
 * far as 256 MiB go. The digest
 * covers the boxes, and names and sizes of the files.
 */
export async function createBoxDataset(parts: BoxFiles): Promise<BoxDataset> {
  const { name, root, size = [300, 300], classNames, advice } = parts;
  assertPictureSize(name, size);
  if (parts.pictures.length === 0) {
    throw new Error(
      `Cannot use ${name} ${parts.split} in ${root.path} as no image is left: its lists must name at least one`,
    );
  }
  if (!parts.pictures.some(({ boxes }) => boxes.some(({ difficult }) => !difficult))) {
    throw new Error(
      `Cannot use ${name} ${parts.split} in ${root.path} as none of its images has a box that counts: ${
        parts.notes.join("; ") || "all of them are empty or difficult"
      }`,
    );
  }
  const { items: pictures, found, notes } = distinctFiles(
    parts.pictures,
    await findFiles(root, parts.pictures.map(({ path }) => path), advice),
    ({ path }) => path,
  );
  const listing = pictures.map(({ path, boxes }, index) =>
    JSON.stringify([path, found[index].size, boxes])
  );
  const reading = remember(async (index) => {
    const { id, path, boxes, size: [height, width], source } = pictures[index];
    const file = join(root.path, path);
    const bytes = await readBytes(root, file, advice);
    const [ownHeight, ownWidth] = await pictureSize(bytes, file);
    if (ownHeight !== height || ownWidth !== width) {
      throw new Error(
        `Cannot use ${source} as its size must be that of ${file}, ${ownHeight}x${ownWidth}: ` +
          `current size is ${height}x${width}`,
      );
    }
    const region = { left: 0, top: 0, height, width };
    const picture = await decodePicture(bytes, { size, region, name: file });
    return { id, picture, annotation: { boxes } };
  }, ({ picture }) => picture.pixels.length);
  const dataset: BoxDataset = {
    name,
    split: parts.split,
    length: pictures.length,
    size,
    classNames,
    notes: [...parts.notes, ...notes],
    files: found.map(({ identity }) => identity),
    digest: digestOf([name, JSON.stringify([size, classNames]), listing.join("\n")]),
    async read(index) {
      assertIndex(dataset, index);
      return await reading(index);
    },
  };
  return dataset;
}
