/**
 * Reads PNGs as what label maps are stored as: one number a pixel. Decoders for pictures turn a
 * palette into colours, and the numbers are lost.
 *
 * @module
 */
import { promisify } from "node:util";
import { inflate, type ZlibOptions } from "node:zlib";
import { passesOf, rowBytes, spread, unfilter } from "./png_rows.ts";

/** One number a pixel: an index into the palette, or a grey level of 8 bits. */
export interface Indices {
  readonly height: number;
  readonly width: number;
  /** `height * width` bytes, rows from the top. */
  readonly values: Uint8Array;
}

interface Header {
  readonly height: number;
  readonly width: number;
  /** Bits a pixel: 1, 2, 4 or 8. */
  readonly depth: number;
  readonly palette: boolean;
  readonly interlaced: boolean;
}

/** The most pixels that a file may unpack to. */
const pixelLimit = 1e8;

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** What a PNG calls its kinds of pixel that are more than one number. */
const colourKinds: Readonly<Record<number, string>> = {
  2: "RGB colours",
  4: "grey with alpha",
  6: "RGB colours with alpha",
};

/**
 * Reads a PNG of palette indices or grey levels, 1 to 8 bits a pixel.
 *
 * @param bytes The file
 * @param name What errors call it
 * @returns A number a pixel; grey levels of fewer than 8 bits are scaled to 0 to 255, indices are not
 * @throws {Error} If it is not a PNG, damaged, or of colours or 16 bits; one line that names it
 */
export async function readPngIndices(bytes: Uint8Array, name: string): Promise<Indices> {
  const { header, compressed } = readChunks(bytes, name);
  const { height, width, depth } = header;
  const parts = passesOf(height, width, header.interlaced);
  const sizes = parts.map((part) => part.height * (1 + rowBytes(part.width, depth)));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const data = await unpack(compressed, total, name);
  const values = new Uint8Array(height * width);
  const factor = header.palette ? 1 : 255 / (2 ** depth - 1);
  let start = 0;
  for (const [index, part] of parts.entries()) {
    const rows = data.subarray(start, start += sizes[index]);
    if (!unfilter(rows, rowBytes(part.width, depth))) fail(name, "it is damaged");
    spread(rows, part, depth, factor, values, width);
  }
  return { height, width, values };
}

function fail(name: string, reason: string): never {
  throw new Error(`Cannot read ${name} as a label map: ${reason}`);
}

function readChunks(
  bytes: Uint8Array,
  name: string,
): { header: Header; compressed: Uint8Array } {
  if (!signature.every((value, index) => bytes[index] === value)) fail(name, "it is not a PNG");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  let header: Header | undefined;
  for (let at = signature.length; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const end = at + 8 + length;
    if (end + 4 > bytes.length) break;
    if (type === "IHDR") {
      header = readHeader(new DataView(bytes.buffer, bytes.byteOffset + at + 8), name);
    }
    if (type === "IDAT") parts.push(bytes.subarray(at + 8, end));
    if (type === "IEND") {
      if (!header || parts.length === 0) break;
      return { header, compressed: parts.length === 1 ? parts[0] : joined(parts) };
    }
    at = end + 4;
  }
  return fail(name, "it is damaged or truncated");
}

function readHeader(view: DataView, name: string): Header {
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, kind, interlace] = [view.getUint8(8), view.getUint8(9), view.getUint8(12)];
  if (kind in colourKinds || depth > 8) {
    const found = colourKinds[kind] ?? `${depth} bits a pixel`;
    fail(
      name,
      `it must be a PNG of class indices, grey or palette, of 8 bits or fewer: it has ${found}`,
    );
  }
  if (!(width > 0 && height > 0 && width * height <= pixelLimit)) {
    fail(name, `it must have 1 to ${pixelLimit} pixels: current size is ${height}x${width}`);
  }
  return { height, width, depth, palette: kind === 3, interlaced: interlace === 1 };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function unpack(compressed: Uint8Array, size: number, name: string): Promise<Uint8Array> {
  const data = await promisify<Uint8Array, ZlibOptions, Uint8Array>(inflate)(compressed, {
    maxOutputLength: size + 1,
  }).catch((error) =>
    fail(name, `it is damaged: ${error instanceof Error ? error.message : error}`)
  );
  if (data.length !== size) {
    fail(name, `it holds ${data.length} bytes of pixels instead of ${size}`);
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
