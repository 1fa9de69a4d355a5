/**
 * Tiny ImageNet in its official layout.
 *
 * @module
 */
import { join } from "node:path";
import type { ClassDataset } from "../dataset.ts";
import { expectedFiles } from "../expected_files.ts";
import { DataRoot, type LinkOptions } from "../formats/data_root.ts";
import { listFolder, readLines } from "../formats/files.ts";
import { linkNotes, walkFolders } from "../formats/walk.ts";
import { createPictureDataset, interleave, type PictureFile } from "../picture_files.ts";

const advice = expectedFiles["tiny-imagenet"];

/**
 * Opens Tiny ImageNet. Classes are the sorted WordNet ids of `wnids.txt`, named by the first word that
 * `words.txt` has for them; greyscale images are expanded. Fewer than the 200 classes are accepted.
 *
 * @param root The folder tiny-imagenet-200
 * @param split "test" is the official validation split: the labels of its test split are not public
 * @param options `size`: `[height, width]`. Default: [64, 64], the images' own
 * @returns The dataset; pictures are decoded when read. Its digest covers names and sizes of files
 * @throws {Error} If a file or a class folder is missing or an annotation names an unknown class or
 * file; one line that names it
 *
 * @example Usage
 * ```ts
 * import { openTinyImagenet } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * await assert.rejects(openTinyImagenet("nowhere", "test"), /Cannot find wnids.txt in nowhere/);
 * ```
 */
export async function openTinyImagenet(
  root: string,
  split: "train" | "test",
  options: LinkOptions & { readonly size?: readonly [number, number] } = {},
): Promise<ClassDataset> {
  const place = new DataRoot(root, options);
  const notes: string[] = [];
  const ids = (await readLines(place, join(root, "wnids.txt"), advice)).sort();
  const words = new Map(
    (await readLines(place, join(root, "words.txt"), advice)).map((line) => {
      const [id, names = id] = line.split("\t");
      return [id, names.split(",")[0]] as const;
    }),
  );
  if (ids.length !== 200) notes.push(`${ids.length} of the 200 classes`);
  return await createPictureDataset({
    name: "tiny-imagenet",
    split,
    root: place,
    size: options.size ?? [64, 64],
    classNames: ids.map((id) => words.get(id) ?? id),
    files: split === "train"
      ? await listTraining(place, ids, notes)
      : await listValidation(place, ids),
    notes,
    advice,
  });
}

async function listTraining(
  root: DataRoot,
  ids: readonly string[],
  notes: string[],
): Promise<PictureFile[]> {
  const walked = await walkFolders(root, ids.map((id) => `train/${id}/images`));
  notes.push(...linkNotes(walked));
  const lists = ids.map((id, index) => {
    const paths = walked[index].files.filter(isPicture);
    if (paths.length === 0) {
      throw new Error(
        `Cannot find images in ${join(root.path, "train", id, "images")}: ${advice}`,
      );
    }
    return paths.map((path) => ({ path, class: index }));
  });
  return interleave(lists);
}

async function listValidation(root: DataRoot, ids: readonly string[]): Promise<PictureFile[]> {
  const images = join(root.path, "val", "images");
  const annotations = join(root.path, "val", "val_annotations.txt");
  const lines = await readLines(root, annotations, advice);
  const there = new Set((await listFolder(images))?.files);
  return lines.map((line, index) => {
    const [file, id] = line.split("\t");
    const label = ids.indexOf(id);
    if (label < 0) {
      throw new Error(
        `Cannot use line ${
          index + 1
        } of ${annotations} as its class must be in wnids.txt: current value is "${id ?? ""}"`,
      );
    }
    if (!there.has(file)) {
      throw new Error(
        `Cannot find ${file}, line ${index + 1} of ${annotations}, in ${images}: ${advice}`,
      );
    }
    return { path: `val/images/${file}`, class: label };
  });
}

function isPicture(path: string): boolean {
  return /\.jpe?g$/i.test(path);
}
