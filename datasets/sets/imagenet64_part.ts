/**
 * One file of downsampled ImageNet.
 *
 * @module
 */
import { basename } from "node:path";
import { npyHeaderLimit, parseNpyHeader, parseNpyIntegers } from "../formats/npy.ts";
import type { Npz, NpzEntry } from "../formats/npz.ts";

/** Labels are from 1 to this in the files. */
export const classCount = 1000;

/** Bytes of a picture. */
const record = 3 * 64 * 64;

/** The pictures of one file. */
export interface ImagenetPart {
  /** The file's, without its ending. */
  readonly name: string;
  /** From 0 to 999. */
  readonly labels: readonly number[];
  /** The planes of a picture. */
  read(index: number): Promise<Uint8Array>;
}

/** The two arrays of a file. */
export function arraysOf({ path, entries }: Npz): { data: NpzEntry; labels: NpzEntry } {
  const { data, labels } = Object.fromEntries(entries);
  if (data === undefined || labels === undefined) {
    const names = [...entries.keys()].join(", ") || "nothing";
    throw new Error(`Cannot use ${path} as it must hold data and labels: it holds ${names}`);
  }
  return { data, labels };
}

/** Checks the arrays of a file and makes its pictures readable. */
export async function openPart(npz: Npz): Promise<ImagenetPart> {
  const { data, labels } = arraysOf(npz);
  const classes = readLabels(await labels.readAll(), labels.name);
  if (classes.length === 0) throw new Error(`Cannot use ${npz.path} as it has no images`);
  const readPicture = await openPictures(data, classes.length);
  return { name: basename(npz.path, ".npz"), labels: classes, read: readPicture };
}

/** Labels from 0 to 999. */
function readLabels(bytes: Uint8Array, name: string): number[] {
  return parseNpyIntegers(bytes, name).map((label, index) => {
    if (label < 1 || label > classCount) {
      throw new Error(
        `Cannot use ${name} as label ${index} must be from 1 to ${classCount}: current value is ${label}`,
      );
    }
    return label - 1;
  });
}

/** How the bytes of one picture are read. */
async function openPictures(
  data: NpzEntry,
  count: number,
): Promise<(index: number) => Promise<Uint8Array>> {
  const unpacked = data.compressed ? await data.readAll() : undefined;
  const head = unpacked ?? await data.readPart(0, Math.min(npyHeaderLimit, data.length));
  const { type, shape, offset } = parseNpyHeader(head, data.name);
  if (type !== "|u1" || shape.length !== 2 || shape[0] !== count || shape[1] !== record) {
    throw new Error(
      `Cannot use ${data.name} as it must be bytes [${count}, ${record}]: current is ${type} [${
        shape.join(", ")
      }]`,
    );
  }
  if (data.length !== offset + count * record) {
    throw new Error(
      `Cannot use ${data.name} as its length must be ${
        offset + count * record
      }: current length is ${data.length}`,
    );
  }
  return (index) => {
    const at = offset + index * record;
    return unpacked
      ? Promise.resolve(unpacked.subarray(at, at + record))
      : data.readPart(at, record);
  };
}
