/**
 * The segmentation task of PASCAL VOC 2012.
 *
 * @module
 */
import { join } from "node:path";
import { DataRoot } from "../formats/data_root.ts";
import { findDevkit } from "../devkit.ts";
import { expectedFiles } from "../expected_files.ts";
import { listFolder } from "../formats/files.ts";
import {
  createLabelMapDataset,
  type LabelFiles,
  type LabelMapDataset,
  type LabelMapOptions,
  readLabelList,
} from "../label_files.ts";
import { plainClasses } from "../formats/label_map.ts";
import { vocClasses, vocColour } from "./voc_classes.ts";

const lists = "ImageSets/Segmentation";

/** The folder that lists of SBD's extra pictures go with. */
const extraLabels = "SegmentationClassAug";

/** How VOC's label maps are opened. */
export interface VocSegmentationOptions extends LabelMapOptions {
  /** Whether `trainaug.txt`, where it is there, stands for "train". Default: true */
  readonly extra?: boolean;
}

/**
 * Opens VOC 2012's segmentation task: `ImageSets/Segmentation/LIST.txt`, `JPEGImages/*.jpg` and
 * `SegmentationClass/*.png`, palette PNGs of 21 classes, 0 the background, 255 ignored.
 *
 * Where there is a list `trainaug` of VOC and SBD images together (10,582), "train" is that list, with
 * label maps in `SegmentationClassAug` if there is such a folder; else it is VOC's own (1,464).
 *
 * @param root The devkit, its VOC2012, or the folder that holds VOCdevkit
 * @param names Lists: "train", "val", "trainaug" or any other, or several
 * @param options Size (default: 512x512, since pictures differ in size), fit, and whether SBD's list may
 * stand for "train"
 * @returns The dataset; pictures are decoded when read. Its digest covers names and sizes of files
 * @throws {Error} If a file is missing; one line that names it. Reading throws where a label map is of
 * another size than its picture, of colours, or has unknown labels
 *
 * @example Usage
 * ```ts
 * import { openVocSegmentation } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * await assert.rejects(openVocSegmentation("nowhere", "val"), /Cannot find VOC2012 in nowhere/);
 * ```
 */
export async function openVocSegmentation(
  root: string,
  names: string | readonly string[],
  options: VocSegmentationOptions = {},
): Promise<LabelMapDataset> {
  const advice = expectedFiles.voc2012;
  const place = new DataRoot(root, options);
  const folder = await findDevkit(root, "VOC2012", advice);
  const year = join(root, folder);
  const known = await listFolder(join(year, lists));
  const hasExtra = (options.extra ?? true) && (known?.files.includes("trainaug.txt") ?? false);
  const wanted = [names].flat().map((name) => name === "train" && hasExtra ? "trainaug" : name);
  const folders = (await listFolder(year))?.folders ?? [];
  const files = wanted.map((name) => {
    const labelFolder = name === "trainaug" && folders.includes(extraLabels)
      ? extraLabels
      : "SegmentationClass";
    return readLabelList(
      place,
      join(year, lists, `${name}.txt`),
      advice,
      (id): LabelFiles => ({ picture: `JPEGImages/${id}.jpg`, labels: `${labelFolder}/${id}.png` }),
    );
  });
  return await createLabelMapDataset({
    name: "voc2012",
    split: wanted.join("+"),
    root: place,
    folder,
    size: options.size ?? [512, 512],
    fit: options.fit ?? "stretch",
    classNames: ["background", ...vocClasses],
    classColours: Array.from({ length: vocClasses.length + 1 }, (_, index) => vocColour(index)),
    table: plainClasses(vocClasses.length + 1, [255]),
    files: (await Promise.all(files)).flat(),
    notes: wanted.includes("trainaug") ? ["trainaug.txt is used: VOC and SBD images together"] : [],
    advice,
  });
}
