/**
 * Tiny ImageNet in its official layout.
 *
 * @module
 */
import { join } from "node:path";
import type { ClassDataset } from "../dataset.ts";
import { expectedFiles } from "../expected_files.ts";
import { listFilesBelow, listFolder, readLines } from "../formats/files.ts";
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
  options: { readonly size?: readonly [number, number] } = {},
): Promise<ClassDataset> {
  const ids = (await readLines(join(root, "wnids.txt"), advice)).sort();
  const words = new Map(
    (await readLines(join(root, "words.txt"), advice)).map((line) => {
      const [id, names = id] = line.split("\t");
      return [id, names.split(",")[0]] as const;
    }),
  );
  return await createPictureDataset({
    name: "tiny-imagenet",
    split,
    root,
    size: options.size ?? [64, 64],
    classNames: ids.map((id) => words.get(id) ?? id),
    files: split === "train" ? await listTraining(root, ids) : await listValidation(root, ids),
    notes: ids.length === 200 ? [] : [`${ids.length} of the 200 classes`],
  });
}

async function listTraining(root: string, ids: readonly string[]): Promise<PictureFile[]> {
  const lists = await Promise.all(ids.map(async (id, index) => {
    const paths = (await listFilesBelow(root, `train/${id}/images`)).filter(isPicture);
    if (paths.length === 0) {
      throw new Error(`Cannot find images in ${join(root, "train", id, "images")}: ${advice}`);
    }
    return paths.map((path) => ({ path, class: index }));
  }));
  return interleave(lists);
}

async function listValidation(root: string, ids: readonly string[]): Promise<PictureFile[]> {
  const annotations = join(root, "val", "val_annotations.txt");
  const lines = await readLines(annotations, advice);
  const there = new Set((await listFolder(join(root, "val", "images")))?.files);
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
        `Cannot find ${file}, line ${index + 1} of ${annotations}, in ${
          join(root, "val", "images")
        }: ${advice}`,
      );
    }
    return { path: `val/images/${file}`, class: label };
  });
}

function isPicture(path: string): boolean {
  return /\.jpe?g$/i.test(path);
}
