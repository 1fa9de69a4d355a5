/**
 * Downsampled ImageNet of 64x64 pixels (Chrabaszcz et al. 2017) in its npz format.
 *
 * Each file holds `data`, bytes `[N, 12288]` of planes R, G, B, and `labels`, `[N]` from 1 to 1000.
 * Pictures are read one by one from the file where `data` is stored uncompressed, as `numpy.savez`
 * does; compressed arrays are unpacked into memory when they are opened.
 *
 * @module
 */
import { join } from "node:path";
import { assertIndex, type ClassDataset, digestOf } from "../dataset.ts";
import { expectedFiles } from "../expected_files.ts";
import { DataRoot, type LinkOptions } from "../formats/data_root.ts";
import { listFolder, locate, readLines } from "../formats/files.ts";
import { arraysOf, classCount, type ImagenetPart, openPart } from "./imagenet64_part.ts";
import { type NpzEntry, openNpz } from "../formats/npz.ts";
import { interleavePlanes } from "../formats/planes.ts";

const advice = expectedFiles.imagenet64;
const trainFiles = Array.from({ length: 10 }, (_, index) => `train_data_batch_${index + 1}.npz`);

/** The most bytes of compressed arrays that are kept unpacked. */
const memoryLimit = 4 * 2 ** 30;

/**
 * Opens downsampled ImageNet of 64x64 pixels. Training files that are not there are left out and named
 * in `notes`. Class names come from `map_clsloc.txt` of the devkit, where it lies beside the files.
 *
 * @param root The folder with `train_data_batch_1.npz` to `train_data_batch_10.npz` and `val_data.npz`
 * @param split "test" is the validation set
 * @param options Whether links that lead out of the folder are followed
 * @returns The dataset; its digest covers names, labels and the first picture of each file
 * @throws {Error} If a file is missing or damaged, arrays have another type or shape, a label is not
 * from 1 to 1000, or compressed arrays would take more than 4 GiB; one line that names the file
 *
 * @example Usage
 * ```ts
 * import { openImagenet64 } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * await assert.rejects(openImagenet64("nowhere", "test"), /Cannot find val_data.npz in nowhere/);
 * ```
 */
export async function openImagenet64(
  root: string,
  split: "train" | "test",
  options: LinkOptions = {},
): Promise<ClassDataset> {
  const place = new DataRoot(root, options);
  const wanted = split === "train" ? trainFiles : ["val_data.npz"];
  const there = new Set((await listFolder(root))?.files);
  const names = wanted.filter((name) => there.has(name));
  const missing = wanted.filter((name) => !there.has(name));
  if (names.length === 0) throw new Error(`Cannot find ${wanted[0]} in ${root}: ${advice}`);
  const classNames = there.has("map_clsloc.txt") ? await readClassNames(place) : undefined;
  const files = await Promise.all(names.map(async (name) => {
    const path = join(root, name);
    await locate(place, path, advice);
    return await openNpz(path);
  }));
  assertMemory(root, files.map((file) => arraysOf(file).data));
  const parts: ImagenetPart[] = [];
  for (const file of files) parts.push(await openPart(file));
  const first = await Promise.all(parts.map((part) => part.read(0)));
  const labels = parts.map((part) => Int32Array.from(part.labels));
  const digest = digestOf([
    "imagenet64",
    ...names,
    ...labels.map((list) => new Uint8Array(list.buffer)),
    ...first,
  ]);
  const notes = [
    ...(missing.length > 0 ? [`${missing.join(", ")} not found, continuing without`] : []),
    ...(classNames ? [] : ["no map_clsloc.txt, so classes have numbers for names"]),
  ];
  return createImagenet(
    split,
    parts,
    classNames ?? Array.from({ length: classCount }, (_, index) => `class ${index + 1}`),
    digest,
    notes,
  );
}

/** Fails if compressed arrays would take too much memory. */
function assertMemory(root: string, arrays: readonly NpzEntry[]): void {
  const memory = arrays.reduce((sum, data) => sum + (data.compressed ? data.length : 0), 0);
  if (memory > memoryLimit) {
    throw new Error(
      `Cannot use ${root} as its compressed arrays would take ${
        (memory / 2 ** 30).toFixed(1)
      } GiB of memory: ` +
        "store each file uncompressed (unzip it, then zip -0 data.npy labels.npy)",
    );
  }
}

function createImagenet(
  split: string,
  parts: readonly ImagenetPart[],
  classNames: readonly string[],
  digest: string,
  notes: readonly string[],
): ClassDataset {
  const locate = (index: number) => {
    assertIndex(dataset, index);
    let part = 0;
    let within = index;
    while (within >= parts[part].labels.length) within -= parts[part++].labels.length;
    return { part: parts[part], within };
  };
  const dataset: ClassDataset = {
    name: "imagenet64",
    split,
    length: parts.reduce((sum, part) => sum + part.labels.length, 0),
    size: [64, 64],
    classNames,
    digest,
    notes,
    classOf: (index) => {
      const { part, within } = locate(index);
      return part.labels[within];
    },
    async read(index) {
      const { part, within } = locate(index);
      return {
        id: `${part.name}/${within}`,
        picture: { height: 64, width: 64, pixels: interleavePlanes(await part.read(within)) },
        annotation: { class: part.labels[within] },
      };
    },
  };
  return dataset;
}

/** Class names from the devkit: lines of WordNet id, label from 1, name. */
async function readClassNames(root: DataRoot): Promise<string[]> {
  const path = join(root.path, "map_clsloc.txt");
  const names: string[] = [];
  for (const line of await readLines(root, path, advice)) {
    const [, label, name] = line.split(/\s+/);
    names[Number(label) - 1] = (name ?? "").replaceAll("_", " ");
  }
  if (
    names.length !== classCount || names.includes("") || Object.keys(names).length !== classCount
  ) {
    throw new Error(
      `Cannot use ${path} as it must name the labels 1 to ${classCount}, one per line`,
    );
  }
  return names;
}
