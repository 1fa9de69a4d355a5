/**
 * What the tests of datasets need: folders that go away, the real data where it is at hand.
 *
 * @module
 */
import type { Picture } from "@realign/core";
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32, deflateSync } from "node:zlib";

/** Runs `use` with a new folder that holds `files`, by path, and removes it afterwards. */
export async function withFolder(
  files: Readonly<Record<string, string | Uint8Array>>,
  use: (root: string) => Promise<void>,
): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "realign-datasets-"));
  try {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content);
    }
    await use(root);
  } finally {
    await rm(root, { recursive: true });
  }
}

/** The folder of a real dataset, below `REALIGN_DATA` or `../shared/data`; undefined where absent. */
export function realData(name: string): string | undefined {
  const beside = fileURLToPath(new URL("../../shared/data", import.meta.url));
  const path = join(Deno.env.get("REALIGN_DATA") ?? beside, name);
  return existsSync(path) ? path : undefined;
}

/** Fails unless a promise rejects with an error of one line that matches. */
export async function assertRejects(promise: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await promise.then(() => undefined, (reason) => reason);
  assert.ok(error instanceof Error, "nothing was thrown");
  assert.match(error.message, message);
  assert.doesNotMatch(error.message, /\n/);
}

/** A picture of one colour. */
export function plain(height: number, width: number, colour: readonly number[]): Picture {
  const pixels = Uint8Array.from({ length: height * width * 3 }, (_, at) => colour[at % 3]);
  return { height, width, pixels };
}

/**
 * A palette PNG of class numbers, as label maps are stored, written without a library: those choose the
 * numbers themselves. Rows are stored unfiltered.
 *
 * @param rows A number a pixel
 * @param depth Bits a pixel
 * @param kind What the header says: 3 palette, 0 grey
 */
export function palettePng(
  rows: readonly (readonly number[])[],
  depth: 1 | 2 | 4 | 8 = 8,
  kind: 0 | 3 = 3,
): Uint8Array {
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, rows[0].length);
  header.setUint32(4, rows.length);
  header.setUint8(8, depth);
  header.setUint8(9, kind);
  const perByte = 8 / depth;
  const packed = rows.flatMap((row) => {
    const bytes = new Uint8Array(1 + Math.ceil(row.length / perByte));
    row.forEach((value, x) => {
      bytes[1 + Math.floor(x / perByte)] |= value << 8 - depth * (x % perByte + 1);
    });
    return [...bytes];
  });
  const palette = Uint8Array.from({ length: 3 * 2 ** depth }, (_, index) => 37 * index);
  const data = new Uint8Array(deflateSync(Uint8Array.from(packed)));
  return Uint8Array.from([
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ...chunk("IHDR", new Uint8Array(header.buffer)),
    ...(kind === 3 ? chunk("PLTE", palette) : []),
    ...chunk("IDAT", data.subarray(0, 5)),
    ...chunk("IDAT", data.subarray(5)),
    ...chunk("IEND", new Uint8Array(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): number[] {
  const body = Uint8Array.from([...new TextEncoder().encode(type), ...data]);
  const ends = new DataView(new ArrayBuffer(8));
  ends.setUint32(0, data.length);
  ends.setUint32(4, crc32(body));
  const bytes = [...new Uint8Array(ends.buffer)];
  return [...bytes.slice(0, 4), ...body, ...bytes.slice(4)];
}

/** A .npy file as NumPy writes it: the header padded to a multiple of 64 bytes. */
export function npy(type: string, shape: readonly number[], bytes: Uint8Array): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const padded = text.padEnd(Math.ceil((11 + text.length) / 64) * 64 - 11) + "\n";
  const header = new TextEncoder().encode(padded);
  const magic = [0x93, ...new TextEncoder().encode("NUMPY"), 1, 0];
  return Uint8Array.from([...magic, header.length & 255, header.length >> 8, ...header, ...bytes]);
}

/** An .npz file of .npy files; `level` is that of compression. */
export async function npz(
  entries: Readonly<Record<string, Uint8Array>>,
  level = 0,
): Promise<Uint8Array> {
  const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  for (const [name, bytes] of Object.entries(entries)) {
    await zip.add(`${name}.npy`, new Uint8ArrayReader(bytes), { level });
  }
  return await zip.close();
}
