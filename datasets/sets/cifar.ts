/**
 * CIFAR-10 and CIFAR-100 in their official binary layout (no Python, no pickle).
 *
 * A record of CIFAR-10 is a label byte and 3072 bytes of planes R, G, B; one of CIFAR-100 has a
 * coarse and a fine label byte before the planes.
 *
 * @module
 */
import { basename, join } from "node:path";
import { assertIndex, type ClassDataset, digestOf } from "../dataset.ts";
import { expectedFiles } from "../expected_files.ts";
import { DataRoot, type LinkOptions } from "../formats/data_root.ts";
import { listFolder, readBytes, readLines } from "../formats/files.ts";
import { interleavePlanes } from "../formats/planes.ts";

const planesLength = 3 * 32 * 32;

/** What tells the two sets, and the two label kinds of CIFAR-100, from each other. */
interface Layout {
  readonly name: string;
  readonly advice: string;
  readonly labelNames: string;
  readonly classCount: number;
  /** Label bytes before the planes, and which of them is the label. */
  readonly labelBytes: number;
  readonly labelAt: number;
  readonly files: { readonly train: readonly string[]; readonly test: readonly string[] };
}

const cifar10: Layout = {
  name: "cifar10",
  advice: expectedFiles.cifar10,
  labelNames: "batches.meta.txt",
  classCount: 10,
  labelBytes: 1,
  labelAt: 0,
  files: {
    train: [1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`),
    test: ["test_batch.bin"],
  },
};

const cifar100: Layout = {
  name: "cifar100",
  advice: expectedFiles.cifar100,
  labelNames: "fine_label_names.txt",
  classCount: 100,
  labelBytes: 2,
  labelAt: 1,
  files: { train: ["train.bin"], test: ["test.bin"] },
};

const cifar100Coarse: Layout = {
  ...cifar100,
  name: "cifar100-coarse",
  labelNames: "coarse_label_names.txt",
  classCount: 20,
  labelAt: 0,
};

/**
 * Opens CIFAR-10. Training batches that are not there are left out and named in `notes`.
 *
 * @param root The folder with `data_batch_1.bin` to `data_batch_5.bin`, `test_batch.bin`, `batches.meta.txt`
 * @param split Which pictures
 * @param options Whether links that lead out of the folder are followed
 * @returns The dataset, all in memory (3 KiB an example); its digest is over all its bytes
 * @throws {Error} If a file is missing, does not hold a whole number of records, or has an impossible label
 *
 * @example Usage
 * ```ts
 * import { openCifar10 } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * await assert.rejects(openCifar10("nowhere", "test"), /Cannot find .* in nowhere/);
 * ```
 */
export function openCifar10(
  root: string,
  split: "train" | "test",
  options: LinkOptions = {},
): Promise<ClassDataset> {
  return openLayout(cifar10, new DataRoot(root, options), split);
}

/**
 * Opens CIFAR-100.
 *
 * @param root The folder with `train.bin`, `test.bin`, `fine_label_names.txt`, `coarse_label_names.txt`
 * @param split Which pictures
 * @param labels The 100 fine classes or the 20 coarse ones. Default: "fine"
 * @param options Whether links that lead out of the folder are followed
 * @returns The dataset, all in memory (3 KiB an example); its digest is over all its bytes
 * @throws {Error} If a file is missing, does not hold a whole number of records, or has an impossible label
 *
 * @example Usage
 * ```ts
 * import { openCifar100 } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * await assert.rejects(openCifar100("nowhere", "train", "coarse"), /Cannot find .* in nowhere/);
 * ```
 */
export function openCifar100(
  root: string,
  split: "train" | "test",
  labels: "fine" | "coarse" = "fine",
  options: LinkOptions = {},
): Promise<ClassDataset> {
  const layout = labels === "fine" ? cifar100 : cifar100Coarse;
  return openLayout(layout, new DataRoot(root, options), split);
}

async function openLayout(
  layout: Layout,
  place: DataRoot,
  split: "train" | "test",
): Promise<ClassDataset> {
  const root = place.path;
  const there = new Set((await listFolder(root))?.files);
  const names = layout.files[split].filter((name) => there.has(name));
  const missing = layout.files[split].filter((name) => !there.has(name));
  if (names.length === 0) {
    throw new Error(`Cannot find ${layout.files[split][0]} in ${root}: ${layout.advice}`);
  }
  const classNames = await readLines(place, join(root, layout.labelNames), layout.advice);
  if (classNames.length !== layout.classCount) {
    throw new Error(
      `Cannot use ${join(root, layout.labelNames)} as it must name ${layout.classCount} classes: ` +
        `current number is ${classNames.length}`,
    );
  }
  const files: Uint8Array[] = [];
  for (const name of names) {
    const path = join(root, name);
    const bytes = await readBytes(place, path, layout.advice);
    assertRecords(layout, path, bytes);
    files.push(bytes);
  }
  return createCifar(layout, split, names, files, classNames, missing);
}

/** Fails unless a file holds whole records whose labels are in range. */
function assertRecords(layout: Layout, path: string, bytes: Uint8Array): void {
  const record = layout.labelBytes + planesLength;
  if (bytes.length === 0 || bytes.length % record !== 0) {
    throw new Error(
      `Cannot use ${path} as its length must be a multiple of the ${record} bytes of a record: current ` +
        `length is ${bytes.length}; the file is truncated or in another format, download it again`,
    );
  }
  for (let at = layout.labelAt; at < bytes.length; at += record) {
    if (bytes[at] >= layout.classCount) {
      throw new Error(
        `Cannot use ${path} as the label of record ${Math.floor(at / record)} must be from 0 to ${
          layout.classCount - 1
        }: current value is ${
          bytes[at]
        }; the file is damaged or in another format, download it again`,
      );
    }
  }
}

function createCifar(
  layout: Layout,
  split: string,
  names: readonly string[],
  files: readonly Uint8Array[],
  classNames: readonly string[],
  missing: readonly string[],
): ClassDataset {
  const record = layout.labelBytes + planesLength;
  const counts = files.map((bytes) => bytes.length / record);
  const locate = (index: number) => {
    assertIndex(dataset, index);
    let file = 0;
    let within = index;
    while (within >= counts[file]) within -= counts[file++];
    return { file, within, start: within * record };
  };
  const dataset: ClassDataset = {
    name: layout.name,
    split,
    length: counts.reduce((sum, count) => sum + count, 0),
    size: [32, 32],
    classNames,
    digest: digestOf([layout.name, ...classNames, ...files]),
    notes: missing.length === 0 ? [] : [`${missing.join(", ")} not found, continuing without`],
    classOf: (index) => {
      const { file, start } = locate(index);
      return files[file][start + layout.labelAt];
    },
    read(index) {
      const { file, within, start } = locate(index);
      const planes = files[file].subarray(start + layout.labelBytes, start + record);
      return Promise.resolve({
        id: `${basename(names[file], ".bin")}/${within}`,
        picture: { height: 32, width: 32, pixels: interleavePlanes(planes) },
        annotation: { class: files[file][start + layout.labelAt] },
      });
    },
  };
  return dataset;
}
