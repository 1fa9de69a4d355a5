/**
 * Cityscapes in its official layout.
 *
 * @module
 */
import { type Colour, IGNORED_CLASS } from "@realign/core";
import { join } from "node:path";
import { expectedFiles } from "../expected_files.ts";
import { DataRoot } from "../formats/data_root.ts";
import { linkNotes, type Walked, walkFolders } from "../formats/walk.ts";
import {
  createLabelMapDataset,
  type LabelFiles,
  type LabelMapDataset,
  type LabelMapOptions,
} from "../label_files.ts";
import type { ClassTable } from "../formats/label_map.ts";

/** The 19 classes that are scored, in the order of their trainIds: labelId, name, colour. */
const classes: readonly (readonly [number, string, Colour])[] = [
  [7, "road", [128, 64, 128]],
  [8, "sidewalk", [244, 35, 232]],
  [11, "building", [70, 70, 70]],
  [12, "wall", [102, 102, 156]],
  [13, "fence", [190, 153, 153]],
  [17, "pole", [153, 153, 153]],
  [19, "traffic light", [250, 170, 30]],
  [20, "traffic sign", [220, 220, 0]],
  [21, "vegetation", [107, 142, 35]],
  [22, "terrain", [152, 251, 152]],
  [23, "sky", [70, 130, 180]],
  [24, "person", [220, 20, 60]],
  [25, "rider", [255, 0, 0]],
  [26, "car", [0, 0, 142]],
  [27, "truck", [0, 0, 70]],
  [28, "bus", [0, 60, 100]],
  [31, "train", [0, 80, 100]],
  [32, "motorcycle", [0, 0, 230]],
  [33, "bicycle", [119, 11, 32]],
];

/** The greatest labelId. */
const greatestId = 33;

/** From labelIds to trainIds; what is not scored is ignored, 255 (-1 in a byte) as well. */
const table: ClassTable = new Map(
  [...Array(greatestId + 1).keys(), 255].map((id) => {
    const trainId = classes.findIndex(([labelId]) => labelId === id);
    return [id, trainId < 0 ? IGNORED_CLASS : trainId];
  }),
);

/** Pictures of the official splits. */
const official: Readonly<Record<string, number>> = { train: 2975, val: 500 };

const pictureEnd = "_leftImg8bit.png";

/**
 * Opens Cityscapes: `leftImg8bit/SPLIT/CITY/*_leftImg8bit.png` with `gtFine/SPLIT/CITY/*_gtFine_labelIds.png`.
 * The labelIds become the 19 trainIds, all others are ignored.
 *
 * @param root The folder with leftImg8bit and gtFine
 * @param splits "train" (2975 images), "val" (500), or several; labels of the official "test" are not
 * public
 * @param options Size (default: 1024x2048, the pictures' own) and fit
 * @returns The dataset; pictures are decoded when read, to the size that is wanted. Its digest covers
 * names and sizes of files
 * @throws {Error} If a file is missing; one line that names it. Reading throws where a label map is of
 * another size than its picture, of colours, or has unknown labels
 *
 * @example Usage
 * ```ts
 * import { openCityscapes } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * await assert.rejects(openCityscapes("nowhere", "val"), /Cannot find leftImg8bit.val in nowhere/);
 * ```
 */
export async function openCityscapes(
  root: string,
  splits: string | readonly string[],
  options: LabelMapOptions = {},
): Promise<LabelMapDataset> {
  const advice = expectedFiles.cityscapes;
  const names = [splits].flat();
  const place = new DataRoot(root, options);
  // The other splits are listed as well, so that a picture of one is not taken for another's.
  const all = [...new Set([...Object.keys(official), ...names])];
  const walked = await walkFolders(place, all.map((split) => `leftImg8bit/${split}`));
  const chosen = names.map((split) => walked[all.indexOf(split)]);
  const lists = names.map((split, index) => listSplit(root, split, chosen[index]));
  return await createLabelMapDataset({
    name: "cityscapes",
    split: names.join("+"),
    root: place,
    size: options.size ?? [1024, 2048],
    fit: options.fit ?? "stretch",
    classNames: classes.map(([, name]) => name),
    classColours: classes.map(([, , colour]) => colour),
    table,
    files: lists.flat(),
    notes: [
      ...names.flatMap((split, index) => {
        const [found, whole] = [lists[index].length, official[split] ?? 0];
        return found < whole ? [`${found} of the ${whole} images of ${split}`] : [];
      }),
      ...linkNotes(chosen),
    ],
    advice,
  });
}

function listSplit(root: string, split: string, { files }: Walked): LabelFiles[] {
  const pictures = files.filter((path) => path.endsWith(pictureEnd));
  if (pictures.length === 0) {
    throw new Error(
      `Cannot find ${join("leftImg8bit", split)} in ${root}: ${expectedFiles.cityscapes}`,
    );
  }
  return pictures.map((picture) => ({
    picture,
    labels: picture.replace("leftImg8bit", "gtFine").replace(pictureEnd, "_gtFine_labelIds.png"),
  }));
}
