/**
 * Boxes in the layout of PASCAL VOC's devkit: VOC itself, and other sets that use it.
 *
 * @module
 */
import { basename, join } from "node:path";
import {
  type BoxDataset,
  type BoxedPicture,
  type BoxOptions,
  createBoxDataset,
} from "../box_files.ts";
import { BoxSieve } from "../box_policy.ts";
import { pictureSize } from "../formats/decode.ts";
import { DataRoot } from "../formats/data_root.ts";
import { findDevkit } from "../devkit.ts";
import { expectedFiles } from "../expected_files.ts";
import { listFolder, MissingFile, readBytes, readLines } from "../formats/files.ts";
import { vocClasses } from "./voc_classes.ts";
import { readVocAnnotation, type VocAnnotation } from "../formats/voc_xml.ts";

/** How a set in VOC's layout is opened. */
export interface VocOptions extends BoxOptions {
  /** The classes, in the order of their numbers. Default: VOC's 20 */
  readonly classNames?: readonly string[];
  /** Default: "voc" */
  readonly name?: string;
  /** What the user can do where a file is missing. */
  readonly advice?: string;
}

/** Annotations read at a time. */
const readAtOnce = 64;

const pictureEnds = [".jpg", ".jpeg", ".png", ".JPG", ".JPEG", ".PNG"];

/**
 * Opens boxes in VOC's layout: `ImageSets/Main/LIST.txt`, `Annotations/*.xml` and `JPEGImages/*`, of one
 * year or of several at once. All annotations are read when the set is opened, pictures when they are
 * asked for. What was left out or changed stands in the dataset's notes, in one line.
 *
 * @param root The devkit, or the folder that holds VOCdevkit, or the year's own folder
 * @param lists E.g. "VOC2007/test" or ["VOC2007/trainval", "VOC2012/trainval"]; "test" alone is of the
 * only year there is
 * @param options Size, classes, and what becomes of boxes that are not as they should be
 * @returns The dataset; boxes in shares of the picture. Its digest covers boxes, names and sizes of files
 * @throws {Error} If a file is missing or damaged, or a box is against the policy; one line that names it
 *
 * @example Usage
 * ```ts
 * import { openVoc } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * await assert.rejects(openVoc("nowhere", "VOC2007/test"), /Cannot find VOC2007 in nowhere/);
 * ```
 */
export async function openVoc(
  root: string,
  lists: string | readonly string[],
  options: VocOptions = {},
): Promise<BoxDataset> {
  const { classNames = vocClasses, name = "voc", advice = expectedFiles.voc } = options;
  const sieve = new BoxSieve(options, classNames);
  const names = [lists].flat();
  const place = new DataRoot(root, options);
  const pictures: BoxedPicture[] = [];
  const years = new Map<string, string>();
  for (const list of names) {
    const [year, file] = list.includes("/") ? list.split("/") : ["", list];
    const folder = await findDevkit(root, year, advice);
    const other = years.get(folder) ?? year;
    if (other !== year) {
      throw new Error(`Cannot find both ${other} and ${year} in ${root}: ${advice}`);
    }
    years.set(folder, year);
    const lines = await readLines(
      place,
      join(root, folder, "ImageSets", "Main", `${file}.txt`),
      advice,
    );
    // Lists of one class have a second column, -1 for pictures without it.
    const ids = lines.map((line) => line.split(/\s+/)).filter(([, has]) => has !== "-1");
    const files = new Set((await listFolder(join(root, folder, "JPEGImages")))?.files);
    for (let first = 0; first < ids.length; first += readAtOnce) {
      const some = ids.slice(first, first + readAtOnce);
      const read = some.map(([id]) => readPicture(place, folder, id, files, advice));
      for (const { annotation, boxed } of await Promise.all(read)) {
        if (annotation instanceof MissingFile) {
          sieve.leavePicture(boxed.id, annotation);
          continue;
        }
        const boxes = annotation.objects
          .map((raw, index) => {
            const where = `object ${index + 1} of ${boxed.source}`;
            return sieve.take(raw, boxed.size, where, boxed.id);
          })
          .filter((box) => box !== undefined);
        pictures.push({ ...boxed, boxes });
      }
    }
  }
  return await createBoxDataset({
    name,
    split: names.join("+"),
    root: place,
    size: options.size,
    classNames,
    pictures,
    notes: sieve.notes,
    advice,
  });
}

/** A picture whose boxes were not looked at yet. */
interface ReadPicture {
  readonly annotation: VocAnnotation | MissingFile;
  readonly boxed: Omit<BoxedPicture, "boxes">;
}

async function readPicture(
  root: DataRoot,
  folder: string,
  id: string,
  files: ReadonlySet<string>,
  advice: string,
): Promise<ReadPicture> {
  const source = join(root.path, folder, "Annotations", `${id}.xml`);
  const file = pictureEnds.map((end) => id + end).find((name) => files.has(name));
  if (file === undefined) {
    throw new Error(`Cannot find ${id}.jpg in ${join(root.path, folder, "JPEGImages")}: ${advice}`);
  }
  const path = [folder, "JPEGImages", file].filter((part) => part !== "").join("/");
  const year = basename(folder);
  const boxed = { id: year === "" ? id : `${year}/${id}`, path, source };
  const bytes = await readBytes(root, source, advice).catch((error) => {
    if (error instanceof MissingFile) return error;
    throw error;
  });
  if (bytes instanceof MissingFile) return { annotation: bytes, boxed: { ...boxed, size: [0, 0] } };
  const annotation = readVocAnnotation(new TextDecoder().decode(bytes), source);
  const size = annotation.size ??
    await pictureSize(
      await readBytes(root, join(root.path, path), advice),
      join(root.path, path),
    );
  return { annotation, boxed: { ...boxed, size } };
}
