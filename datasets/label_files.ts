/**
 * Datasets of picture files, each with a file of class numbers.
 *
 * @module
 */
import type { Colour } from "@realign/core";
import { join } from "node:path";
import { assertIndex, digestOf, type LabelMapAnnotation, type OpenedDataset } from "./dataset.ts";
import { decodePicture, pictureSize } from "./formats/decode.ts";
import type { DataRoot, LinkOptions } from "./formats/data_root.ts";
import { distinctFiles, findFiles, readBytes, readLines } from "./formats/files.ts";
import { type ClassTable, type Fit, regionOf, toLabelMap } from "./formats/label_map.ts";
import { assertPictureSize } from "./picture_files.ts";
import { readPngIndices } from "./formats/png_indices.ts";
import { remember } from "./remember.ts";

/** A dataset of label maps. */
export type LabelMapDataset = OpenedDataset<LabelMapAnnotation>;

/** How pictures with label maps are opened. */
export interface LabelMapOptions extends LinkOptions {
  /** `[height, width]` that images are decoded to, label maps by nearest neighbour. Default: the set's own */
  readonly size?: readonly [number, number];
  /** How pictures of other proportions are fitted. Default: "stretch" */
  readonly fit?: Fit;
}

/** A picture and its label map, below the root, with "/". */
export interface LabelFiles {
  readonly picture: string;
  readonly labels: string;
}

/** What a dataset of label maps is made from. */
export interface LabelMapFiles {
  readonly name: string;
  readonly split: string;
  readonly root: DataRoot;
  /** Below the root: what the files' paths begin at. Default: "" */
  readonly folder?: string;
  readonly size: readonly [number, number];
  readonly fit: Fit;
  readonly classNames: readonly string[];
  readonly classColours: readonly Colour[];
  /** What the numbers in the files mean. */
  readonly table: ClassTable;
  readonly files: readonly LabelFiles[];
  readonly notes: readonly string[];
  /** What the user can do where a file is missing. */
  readonly advice: string;
}

/**
 * Makes the dataset. Pictures and label maps are read and scaled one by one, when they are asked for, and
 * kept as far as 256 MiB go.
 * The digest covers names and sizes of the files and what their numbers mean.
 */
export async function createLabelMapDataset(parts: LabelMapFiles): Promise<LabelMapDataset> {
  const { name, root, folder = "", size, fit, classNames, table, advice } = parts;
  assertPictureSize(name, size);
  if (parts.files.length === 0) {
    throw new Error(`Cannot find images of ${name} ${parts.split} in ${root.path}: ${advice}`);
  }
  const find = (paths: string[]) =>
    findFiles(root, paths.map((path) => join(folder, path)), advice);
  const { items: files, found, notes } = distinctFiles(
    parts.files,
    await find(parts.files.map(({ picture }) => picture)),
    ({ picture }) => picture,
  );
  const foundLabels = await find(files.map(({ labels }) => labels));
  const listing = files.map(({ picture, labels }, index) =>
    [picture, found[index].size, labels, foundLabels[index].size].join("\t")
  );
  const meaning = JSON.stringify({ size, fit, classNames, table: [...table] });
  const reading = remember(async (index) => {
    const { picture: path, labels } = files[index];
    const [pictureName, labelsName] = [path, labels].map((name) => join(root.path, folder, name));
    const bytes = await readBytes(root, pictureName, advice);
    const indices = await readPngIndices(await readBytes(root, labelsName, advice), labelsName);
    const [height, width] = await pictureSize(bytes, pictureName);
    if (height !== indices.height || width !== indices.width) {
      throw new Error(
        `Cannot use ${labelsName} as its size must be that of ${pictureName}, ${height}x${width}: ` +
          `current size is ${indices.height}x${indices.width}`,
      );
    }
    const region = regionOf([height, width], size, fit);
    const read = fit === "native" ? [height, width] as const : size;
    const labelMap = toLabelMap(indices, table, region, read, labelsName);
    const picture = await decodePicture(bytes, { size: read, region, name: pictureName });
    return { id: path, picture, annotation: { labelMap } };
  }, ({ picture, annotation }) => picture.pixels.length + annotation.labelMap.classes.length);
  const dataset: LabelMapDataset = {
    name,
    split: parts.split,
    length: files.length,
    size,
    classNames,
    classColours: parts.classColours,
    notes: [...parts.notes, ...notes],
    files: found.map(({ identity }) => identity),
    digest: digestOf([name, meaning, listing.join("\n")]),
    async read(index) {
      assertIndex(dataset, index);
      return await reading(index);
    },
  };
  return dataset;
}

/**
 * Reads a list of lines "PICTURE LABELS", or of bare ids. Of a path, such as /SegNet/CamVid/train/1.png,
 * the last folder and the file count.
 *
 * @param root The data set's folder
 * @param path The list
 * @param advice What the user can do where it is missing
 * @param ofId The files of a line that is an id; absent where there must be paths
 * @throws {Error} If a line is neither; one line that names it
 */
export async function readLabelList(
  root: DataRoot,
  path: string,
  advice: string,
  ofId?: (id: string) => LabelFiles,
): Promise<LabelFiles[]> {
  const lines = await readLines(root, path, advice);
  return lines.map((line, index) => {
    const fields = line.split(/\s+/);
    if (fields.length === 1 && ofId) return ofId(fields[0]);
    if (fields.length !== 2) {
      throw new Error(
        `Cannot use line ${index + 1} of ${path} as it must be an image and its label map${
          ofId ? ", or an id" : ""
        }: current line is "${line}"`,
      );
    }
    const [picture, labels] = fields.map((field) => field.split("/").slice(-2).join("/"));
    return { picture, labels };
  });
}
