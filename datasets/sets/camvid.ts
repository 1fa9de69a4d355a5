/**
 * CamVid in the layout of SegNet's tutorial.
 *
 * @module
 */
import type { Colour } from "@realign/core";
import { join } from "node:path";
import { expectedFiles } from "../expected_files.ts";
import { DataRoot } from "../formats/data_root.ts";
import {
  createLabelMapDataset,
  type LabelMapDataset,
  type LabelMapOptions,
  readLabelList,
} from "../label_files.ts";
import { plainClasses } from "../formats/label_map.ts";

/** SegNet's eleven classes with the colours that it shows them in. */
const classes: readonly (readonly [string, Colour])[] = [
  ["sky", [128, 128, 128]],
  ["building", [128, 0, 0]],
  ["pole", [192, 192, 128]],
  ["road", [128, 64, 128]],
  ["pavement", [60, 40, 222]],
  ["tree", [128, 128, 0]],
  ["sign", [192, 128, 128]],
  ["fence", [64, 64, 128]],
  ["car", [64, 0, 128]],
  ["pedestrian", [64, 64, 0]],
  ["bicyclist", [0, 128, 192]],
];

/**
 * Opens CamVid: `train.txt`, `val.txt` and `test.txt` with lines "PICTURE LABELS", and the folders that
 * they name (`train`, `trainannot`, ...). Of the paths the last folder and the file count, so lists that
 * keep SegNet's prefix serve as they are. Labels 0 to 10 are the classes, 11 and 255 are ignored.
 *
 * @param root The folder
 * @param lists Which lists, e.g. "train", "test" or ["train", "val"]; the official split trains on 367
 * pictures, validates on 101 and tests on 233
 * @param options Size (default: 360x480, the pictures' own) and fit
 * @returns The dataset; pictures are decoded when read. Its digest covers names and sizes of files
 * @throws {Error} If a file is missing, or a list has another form; one line that names it. Reading
 * throws where a label map is of another size than its picture, of colours, or has unknown labels
 *
 * @example Usage
 * ```ts
 * import { openCamvid } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * await assert.rejects(openCamvid("nowhere", "train"), /Cannot find train.txt in nowhere/);
 * ```
 */
export async function openCamvid(
  root: string,
  lists: string | readonly string[],
  options: LabelMapOptions = {},
): Promise<LabelMapDataset> {
  const names = [lists].flat();
  const advice = expectedFiles.camvid;
  const place = new DataRoot(root, options);
  const files = await Promise.all(
    names.map((name) => readLabelList(place, join(root, `${name}.txt`), advice)),
  );
  return await createLabelMapDataset({
    name: "camvid",
    split: names.join("+"),
    root: place,
    size: options.size ?? [360, 480],
    fit: options.fit ?? "stretch",
    classNames: classes.map(([name]) => name),
    classColours: classes.map(([, colour]) => colour),
    table: plainClasses(classes.length, [classes.length, 255]),
    files: files.flat(),
    notes: [],
    advice,
  });
}
