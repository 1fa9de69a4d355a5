/**
 * Arrays in NumPy's .npy format: a line that describes them, then their bytes. No Python objects.
 *
 * @module
 */

/** What stands before an array's bytes. */
export interface NpyHeader {
  /** Type and byte order as NumPy writes them, e.g. "|u1" for bytes, "<i8" for 64-bit integers. */
  readonly type: string;
  readonly shape: readonly number[];
  /** Where the array's bytes begin. */
  readonly offset: number;
}

/** The most bytes that a header of an array without fields takes, generously. */
export const npyHeaderLimit = 4096;

/** Bytes and reader of each type of integers that is understood. */
const readers: Readonly<Record<string, readonly [number, (view: DataView, at: number) => number]>> =
  {
    "|u1": [1, (view, at) => view.getUint8(at)],
    "|i1": [1, (view, at) => view.getInt8(at)],
    "<u2": [2, (view, at) => view.getUint16(at, true)],
    "<i2": [2, (view, at) => view.getInt16(at, true)],
    "<u4": [4, (view, at) => view.getUint32(at, true)],
    "<i4": [4, (view, at) => view.getInt32(at, true)],
    "<u8": [8, (view, at) => Number(view.getBigUint64(at, true))],
    "<i8": [8, (view, at) => Number(view.getBigInt64(at, true))],
  };

/** Reads the header at the beginning of a .npy file. `name` is what errors call the file. */
export function parseNpyHeader(bytes: Uint8Array, name: string): NpyHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = bytes[0] === 0x93 && new TextDecoder().decode(bytes.subarray(1, 6)) === "NUMPY";
  if (!magic || bytes.length < 12) throw new Error(`Cannot use ${name} as it is not a .npy array`);
  const [lengthBytes, length] = bytes[6] === 1
    ? [2, view.getUint16(8, true)]
    : [4, view.getUint32(8, true)];
  const offset = 8 + lengthBytes + length;
  const text = new TextDecoder().decode(bytes.subarray(8 + lengthBytes, offset));
  const type = /'descr':\s*'([^']+)'/.exec(text)?.[1];
  const shape = /'shape':\s*\(([\d,\s]*)\)/.exec(text)?.[1];
  if (offset > bytes.length || type === undefined || shape === undefined) {
    throw new Error(`Cannot use ${name} as its header is damaged or belongs to a structured array`);
  }
  if (/'fortran_order':\s*True/.test(text)) {
    throw new Error(`Cannot use ${name} as it must be in C order`);
  }
  const sizes = shape.split(",").map((size) => size.trim()).filter((size) => size !== "");
  return { type, shape: sizes.map(Number), offset };
}

/** Reads a .npy file of integers. `name` is what errors call the file. */
export function parseNpyIntegers(bytes: Uint8Array, name: string): number[] {
  const { type, shape, offset } = parseNpyHeader(bytes, name);
  const reader = Object.hasOwn(readers, type) ? readers[type] : undefined;
  if (reader === undefined) {
    throw new Error(`Cannot use ${name} as it must hold integers: current type is ${type}`);
  }
  const [size, read] = reader;
  const count = shape.reduce((product, length) => product * length, 1);
  if (bytes.length !== offset + size * count) {
    throw new Error(
      `Cannot use ${name} as its ${count} numbers take ${offset + size * count} bytes: ` +
        `current length is ${bytes.length}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: count }, (_, index) => read(view, offset + size * index));
}
