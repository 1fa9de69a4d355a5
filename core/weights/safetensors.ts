/**
 * The safetensors format: named tensors behind a JSON header. Reading it runs no code.
 *
 * @see {@link https://github.com/huggingface/safetensors#format}
 *
 * @module
 */
import { describeOtherFormat } from "./other_formats.ts";
import type { HostTensor } from "./parameters.ts";
import {
  decodeNumbers,
  isNumberFormat,
  type NumberFormat,
  numberFormats,
} from "./number_formats.ts";

/** What a safetensors file holds. */
export interface SafetensorsContent {
  readonly tensors: Map<string, HostTensor>;
  /** How each tensor's numbers were stored. */
  readonly formats: ReadonlyMap<string, NumberFormat>;
  readonly metadata: Record<string, string>;
}

/** A tensor to write; its numbers keep their format: F32, I32 or U8. */
export interface WritableTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** Where one tensor lies, from the end of the header on. */
interface Span {
  readonly name: string;
  readonly format: NumberFormat;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** The header's length, a 64 bit number, comes first. */
const LENGTH_BYTES = 8;
/** The format's own bound. */
const LARGEST_HEADER = 100_000_000;
const METADATA = "__metadata__";

/**
 * Reads a safetensors file. Numbers of any format become float32.
 *
 * Taken: F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL. The tensors must cover all bytes behind the
 * header, without gap or overlap.
 *
 * @param bytes The whole file
 * @param origin Named in errors, e.g. the file's path
 * @returns Tensors by name, and the metadata, empty if there are none
 * @throws {Error} If the file is cut off, damaged or of another kind; the message is one line
 *
 * @example Usage
 * ```ts
 * import { formatSafetensors, parseSafetensors } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const bytes = formatSafetensors(new Map([["w", { shape: [2], data: Float32Array.of(1, 2) }]]), { step: "7" });
 * const { tensors, metadata } = parseSafetensors(bytes, "w.safetensors");
 * assert.deepEqual([...tensors.get("w")!.data], [1, 2]);
 * assert.equal(metadata.step, "7");
 * assert.throws(() => parseSafetensors(bytes.subarray(0, -1), "w.safetensors"), /Cannot read the weights of w.safetensors/);
 * ```
 */
export function parseSafetensors(bytes: Uint8Array, origin: string): SafetensorsContent {
  const fail = (reason: string): never => {
    throw new Error(`Cannot read the weights of ${origin} as ${reason}`);
  };
  const { header, dataStart } = readHeader(bytes, (reason) => {
    return fail(describeOtherFormat(bytes, origin) ?? reason);
  });
  const { [METADATA]: metadata = {}, ...entries } = header;
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === "string")) {
    fail(`"${METADATA}" must hold only strings`);
  }
  const spans = Object.entries(entries).map(([name, entry]) => readSpan(name, entry, fail));
  assertCovered(spans, bytes.length - dataStart, fail);
  const tensors = new Map<string, HostTensor>();
  for (const { name, format, shape, begin, end } of spans) {
    try {
      // A copy: the numbers need an address that their size divides. Not by slice(): Node's Buffer shares there.
      const data = decodeNumbers(
        format,
        new Uint8Array(bytes.subarray(dataStart + begin, dataStart + end)),
      );
      tensors.set(name, { shape, data });
    } catch (error) {
      fail(`"${shorten(name)}" ${error instanceof Error ? error.message : error}`);
    }
  }
  const formats = new Map(spans.map(({ name, format }) => [name, format]));
  return { tensors, formats, metadata: metadata as Record<string, string> };
}

/**
 * Writes a safetensors file. The tensors keep their order; their numbers begin at an address that 8 divides.
 *
 * @param tensors Tensors by name
 * @param metadata Words to go with them
 * @returns The whole file
 * @throws {TypeError} If a tensor's shape and its count of numbers disagree, or its name is taken by the format
 *
 * @example Usage
 * ```ts
 * import { formatSafetensors } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const bytes = formatSafetensors(new Map([["w", { shape: [2], data: Float32Array.of(1, 2) }]]), {});
 * assert.equal(bytes.length % 8, 0);
 * ```
 */
export function formatSafetensors(
  tensors: ReadonlyMap<string, WritableTensor>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const header: [string, unknown][] = Object.keys(metadata).length > 0
    ? [[METADATA, metadata]]
    : [];
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    if (name === METADATA) {
      throw new TypeError(`Cannot write the weights as no tensor can be named "${METADATA}"`);
    }
    const size = shape.reduce((product, length) => product * length, 1);
    if (size !== data.length) {
      throw new TypeError(
        `Cannot write the weights as "${name}" must have ${size} numbers for its shape [${
          shape.join(", ")
        }]: current count is ${data.length}`,
      );
    }
    const dtype = data instanceof Float32Array ? "F32" : data instanceof Int32Array ? "I32" : "U8";
    header.push([name, { dtype, shape, data_offsets: [end, end + data.byteLength] }]);
    end += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerLength = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(LENGTH_BYTES + headerLength + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.set(text, LENGTH_BYTES);
  bytes.fill(0x20, LENGTH_BYTES + text.length, LENGTH_BYTES + headerLength);
  let position = LENGTH_BYTES + headerLength;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return bytes;
}

/** What ends the reading, with its reason. */
type Fail = (reason: string) => never;

function readHeader(
  bytes: Uint8Array,
  fail: Fail,
): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < LENGTH_BYTES) {
    return fail(`it must have at least ${LENGTH_BYTES} bytes: it has ${bytes.length}`);
  }
  const stated = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  const most = Math.min(LARGEST_HEADER, bytes.length - LENGTH_BYTES);
  if (stated > BigInt(most)) {
    return fail(
      `its header must have at most ${most} bytes: it states ${stated} (cut off, or no safetensors file?)`,
    );
  }
  const dataStart = LENGTH_BYTES + Number(stated);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(
      bytes.subarray(LENGTH_BYTES, dataStart),
    );
    const header: unknown = JSON.parse(text);
    if (isObject(header)) return { header, dataStart };
  } catch {
    return fail("its header is no JSON text");
  }
  return fail("its header must be a JSON object");
}

function readSpan(name: string, entry: unknown, fail: Fail): Span {
  const label = `"${shorten(name)}"`;
  if (!isObject(entry)) return fail(`${label} must be described by a JSON object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isNumberFormat(dtype)) {
    return fail(
      `${label} must be one of ${Object.keys(numberFormats).join(", ")}: current dtype is ${
        shorten(JSON.stringify(dtype) ?? "absent")
      }`,
    );
  }
  if (!isSizes(shape)) return fail(`the shape of ${label} must be a list of integers`);
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    return fail(`the data_offsets of ${label} must be two integers in order`);
  }
  const [begin, end] = offsets;
  const size = shape.reduce((product, length) => product * length, numberFormats[dtype]);
  if (size !== end - begin) {
    return fail(
      `${label} must have ${size} bytes for ${dtype} [${shorten(shape.join(", "))}]: it has ${
        end - begin
      }`,
    );
  }
  return { name, format: dtype, shape, begin, end };
}

/**
 * Fails unless the spans follow on one another from the first byte to the last. Of a name that is there
 * twice JSON keeps the last, so that the first one's bytes are missed here.
 */
function assertCovered(spans: readonly Span[], size: number, fail: Fail): void {
  let position = 0;
  for (const { name, begin, end } of spans.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== position) {
      fail(`"${shorten(name)}" must begin at byte ${position} of the data: it begins at ${begin}`);
    }
    position = end;
  }
  if (position !== size) fail(`its data must have ${position} bytes: it has ${size}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** Keeps a message to one line of fair length, whatever stands in the file. */
function shorten(text: string): string {
  const line = text.replace(/\p{Cc}/gu, " ");
  return line.length > 80 ? `${line.slice(0, 80)}...` : line;
}
