/**
 * A folder of class folders, with any pictures.
 *
 * @module
 */
import { createRandom } from "@realign/core";
import { join } from "node:path";
import type { ClassDataset } from "../dataset.ts";
import { expectedFiles } from "../expected_files.ts";
import { listFilesBelow, listFolder } from "../formats/files.ts";
import { createPictureDataset, interleave, type PictureFile } from "../picture_files.ts";

/** How a folder is opened. */
export interface FolderOptions {
  /** `[height, width]`; images are scaled to cover it and cropped around the centre. Default: [64, 64] */
  readonly size?: readonly [number, number];
  /** Of the split, where the folder has none. Default: 0 */
  readonly seed?: number;
  /** Share of each class that is the test split, where the folder has none. Default: 0.2 */
  readonly testShare?: number;
}

const pictureName = /\.(png|jpe?g|webp|gif|tiff?|avif)$/i;
const testFolders = ["test", "val", "validation"];

/**
 * Opens a folder of class folders: `train/CLASS/*` and `test/CLASS/*` (or `val`, `validation`), or
 * `CLASS/*` alone, of which each class is then split by the seed. Classes are sorted by name, those of
 * the test split are numbered as in training, and examples take turns between classes.
 *
 * @param root The folder
 * @param split Which pictures
 * @param options Size, seed and share of the split
 * @returns The dataset; pictures are decoded when read. Its digest covers names and sizes of files
 * @throws {Error} If there are no class folders, a class has no pictures, or the test split has a class
 * that training has not; one line that names the folder
 *
 * @example Usage
 * ```ts
 * import { openFolder } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * await assert.rejects(openFolder("nowhere", "train"), /Cannot find class folders in nowhere/);
 * ```
 */
export async function openFolder(
  root: string,
  split: "train" | "test",
  options: FolderOptions = {},
): Promise<ClassDataset> {
  const { size = [64, 64], seed = 0, testShare = 0.2 } = options;
  const there = (await listFolder(root))?.folders ?? [];
  const notes: string[] = [];
  let files: PictureFile[][];
  let classNames: string[];
  if (there.includes("train")) {
    classNames = await listClasses(root, "train");
    const folder = split === "train" ? "train" : testFolders.find((name) => there.includes(name));
    if (folder === undefined) {
      throw new Error(`Cannot find test or val beside train in ${root}: ${expectedFiles.folder}`);
    }
    if (split === "test") await assertKnownClasses(root, folder, classNames);
    if (folder !== split) notes.push(`${folder} is used as the ${split} split`);
    files = await listPictures(root, folder, classNames, notes, split === "train");
  } else {
    classNames = await listClasses(root, "");
    const all = await listPictures(root, "", classNames, notes, true);
    files = all.map((list, index) => {
      const testCount = Math.round(list.length * testShare);
      const order = [...createRandom(seed, "split", classNames[index]).permutation(list.length)];
      const chosen = split === "test" ? order.slice(0, testCount) : order.slice(testCount);
      return chosen.sort((a, b) => a - b).map((place) => list[place]);
    });
    notes.push(
      `no train folder, so ${
        Math.round(100 * testShare)
      } % of each class are the test split, by seed ${seed}`,
    );
  }
  const chosen = interleave(files);
  if (chosen.length === 0) {
    throw new Error(
      `Cannot find images of the ${split} split in ${root}: ${expectedFiles.folder}`,
    );
  }
  return createPictureDataset({
    name: "folder",
    split,
    root,
    size,
    classNames,
    files: chosen,
    notes,
  });
}

/** The sorted names of class folders. */
async function listClasses(root: string, below: string): Promise<string[]> {
  const classes = (await listFolder(join(root, below)))?.folders ?? [];
  if (classes.length === 0) {
    throw new Error(`Cannot find class folders in ${join(root, below)}: ${expectedFiles.folder}`);
  }
  return classes;
}

async function assertKnownClasses(
  root: string,
  folder: string,
  classNames: readonly string[],
): Promise<void> {
  const unknown = (await listClasses(root, folder)).find((name) => !classNames.includes(name));
  if (unknown !== undefined) {
    throw new Error(
      `Cannot use ${
        join(root, folder, unknown)
      } as train has no class of that name: rename it or add it there`,
    );
  }
}

/** The pictures of each class, sorted by path; other files are counted in a note. */
async function listPictures(
  root: string,
  folder: string,
  classNames: readonly string[],
  notes: string[],
  required: boolean,
): Promise<PictureFile[][]> {
  const lists: PictureFile[][] = [];
  let others = 0;
  for (const [index, name] of classNames.entries()) {
    const files = await listFilesBelow(root, folder === "" ? name : `${folder}/${name}`);
    const pictures = files.filter((path) => pictureName.test(path));
    others += files.length - pictures.length;
    if (required && pictures.length === 0) {
      throw new Error(
        `Cannot find images of class ${name} in ${
          join(root, folder, name)
        }: it must hold png, jpg, webp, gif, ` +
          "tif or avif files",
      );
    }
    lists.push(pictures.map((path) => ({ path, class: index })));
  }
  if (others > 0) notes.push(`non-image files ignored: ${others}`);
  return lists;
}
