/**
 * A folder of class folders, with any pictures.
 *
 * @module
 */
import { createRandom } from "@realign/core";
import { join } from "node:path";
import type { ClassDataset } from "../dataset.ts";
import { expectedFiles } from "../expected_files.ts";
import { DataRoot, type LinkOptions } from "../formats/data_root.ts";
import { listFolder } from "../formats/files.ts";
import { linkNotes, type Walked, walkFolders } from "../formats/walk.ts";
import { isPictureName } from "../list_pictures.ts";
import { createPictureDataset, interleave, type PictureFile } from "../picture_files.ts";

/** How a folder is opened. */
export interface FolderOptions extends LinkOptions {
  /** `[height, width]`; images are scaled to cover it and cropped around the centre. Default: [64, 64] */
  readonly size?: readonly [number, number];
  /** Of the split, where the folder has none. Default: 0 */
  readonly seed?: number;
  /** Share of each class that is the test split, where the folder has none. Default: 0.2 */
  readonly testShare?: number;
}

const testFolders = ["test", "val", "validation"];

/**
 * Opens a folder of class folders: `train/CLASS/*` and `test/CLASS/*` (or `val`, `validation`), or
 * `CLASS/*` alone, of which each class is then split by the seed. Classes are sorted by name, those of
 * the test split are numbered as in training, and examples take turns between classes. A file
 * with several links counts once, and in the training split if it is there.
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
  const place = new DataRoot(root, options);
  const there = (await listFolder(root))?.folders ?? [];
  const notes: string[] = [];
  let files: PictureFile[][];
  let classNames: string[];
  if (there.includes("train")) {
    const testFolder = testFolders.find((name) => there.includes(name));
    const folder = split === "train" ? "train" : testFolder;
    if (folder === undefined) {
      throw new Error(`Cannot find test or val beside train in ${root}: ${expectedFiles.folder}`);
    }
    // Both splits are listed either way, so that no file is in both.
    const folders = ["train", ...(testFolder === undefined ? [] : [testFolder])];
    const listed = await listClasses(place, folders);
    classNames = listed[0].classes.map(({ name }) => name);
    if (split === "test") assertKnownClasses(root, folder, listed[1].classes, classNames);
    if (folder !== split) notes.push(`${folder} is used as the ${split} split`);
    const own = listed[folders.indexOf(folder)];
    files = listPictures(place, own, classNames, notes, split === "train");
  } else {
    const [own] = await listClasses(place, [""]);
    classNames = own.classes.map(({ name }) => name);
    files = listPictures(place, own, classNames, notes, true).map((list, index) => {
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
  return createPictureDataset({
    name: "folder",
    split,
    root: place,
    size,
    classNames,
    files: interleave(files),
    notes,
    advice: expectedFiles.folder,
  });
}

/** A class folder and what is in it. */
interface ClassFolder extends Walked {
  readonly name: string;
  /** Below the root. */
  readonly path: string;
}

/** The class folders in a folder, sorted by name, and notes on ignored entries. */
interface ClassFolders {
  readonly classes: readonly ClassFolder[];
  readonly notes: readonly string[];
}

/** Lists the class folders below each of some folders. */
async function listClasses(root: DataRoot, below: readonly string[]): Promise<ClassFolders[]> {
  const lists = await Promise.all(below.map(async (folder) => {
    const names = (await listFolder(join(root.path, folder)))?.folders ?? [];
    return names.map((name) => ({ name, path: folder === "" ? name : `${folder}/${name}` }));
  }));
  const walked = await walkFolders(root, lists.flat().map(({ path }) => path));
  let at = 0;
  return lists.map((list, index) => {
    const all = list.map((folder) => ({ ...folder, ...walked[at++] }));
    // A link to another class is not a class.
    const classes = all.filter(({ left, path }) => left.get(path) !== "again");
    const outside = classes.find(({ left, path }) => left.get(path) === "outside");
    if (outside) throw new Error(root.refusal(join(root.path, outside.path)));
    if (classes.length === 0) {
      throw new Error(
        `Cannot find class folders in ${join(root.path, below[index])}: ${expectedFiles.folder}`,
      );
    }
    return { classes, notes: linkNotes(all) };
  });
}

function assertKnownClasses(
  root: string,
  folder: string,
  classes: readonly ClassFolder[],
  classNames: readonly string[],
): void {
  const unknown = classes.find(({ name }) => !classNames.includes(name));
  if (unknown !== undefined) {
    throw new Error(
      `Cannot use ${
        join(root, folder, unknown.name)
      } as train has no class of that name: rename it or add it there`,
    );
  }
}

/** The pictures of each class, sorted by path; other files are counted in a note. */
function listPictures(
  root: DataRoot,
  { classes, notes: linked }: ClassFolders,
  classNames: readonly string[],
  notes: string[],
  required: boolean,
): PictureFile[][] {
  let others = 0;
  const lists = classNames.map((name, index) => {
    const found = classes.find((folder) => folder.name === name);
    const pictures = found?.files.filter(isPictureName) ?? [];
    others += (found?.files.length ?? 0) - pictures.length;
    if (required && pictures.length === 0) {
      const reasons = found ? linkNotes([found]) : [];
      throw new Error(
        `Cannot find images of class ${name} in ${join(root.path, found?.path ?? name)}: ${
          reasons.join("; ") || "it must hold png, jpg, webp, gif, tif or avif files"
        }`,
      );
    }
    return pictures.map((path) => ({ path, class: index }));
  });
  if (others > 0) notes.push(`non-image files ignored: ${others}`);
  notes.push(...linked);
  return lists;
}
