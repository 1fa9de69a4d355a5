/**
 * The number formats of safetensors files, and how each becomes float32.
 *
 * @module
 */

/** Bytes a number, by format. */
export const numberFormats = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

/** A number format that can be read. */
export type NumberFormat = keyof typeof numberFormats;

/** Whether a format may hold weights: integers are counters or quantised. */
export function isFloatFormat(format: NumberFormat): boolean {
  return format === "BF16" || /^F\d/.test(format);
}

/** Whether a header's dtype can be read. */
export function isNumberFormat(dtype: unknown): dtype is NumberFormat {
  return typeof dtype === "string" && Object.hasOwn(numberFormats, dtype);
}

/**
 * Reads little-endian numbers.
 *
 * @param format What they are
 * @param bytes Nothing but them, at the start of its buffer; float32 numbers are not copied
 * @returns Float32, the nearest where a number has none of its own
 * @throws {RangeError} If a float64 is beyond float32, or an int64 beyond the integers that
 * JavaScript tells apart; the message goes on from the tensor's name
 *
 * @example Usage
 * ```ts
 * import { decodeNumbers } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const halves = new Uint8Array(Uint16Array.of(0x3c00, 0xc000).buffer);
 * assert.deepEqual([...decodeNumbers("F16", halves)], [1, -2]);
 * ```
 */
export function decodeNumbers(format: NumberFormat, bytes: Uint8Array<ArrayBuffer>): Float32Array {
  const { buffer } = bytes;
  switch (format) {
    case "F32":
      return new Float32Array(buffer);
    case "F64":
      return Float32Array.from(new Float64Array(buffer), (value) => {
        const single = Math.fround(value);
        if (Number.isFinite(value) && !Number.isFinite(single)) {
          throw new RangeError(`must hold numbers that fit into float32: it holds ${value}`);
        }
        return single;
      });
    case "F16":
      return Float32Array.from(new Uint16Array(buffer), halfToNumber);
    case "BF16":
      // The upper half of a float32.
      return new Float32Array(
        Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer,
      );
    case "I64":
      return Float32Array.from(Array.from(new BigInt64Array(buffer), (value) => {
        if (!Number.isSafeInteger(Number(value))) {
          throw new RangeError(`must hold numbers below 2^53: it holds ${value}`);
        }
        return Number(value);
      }));
    case "I32":
      return Float32Array.from(new Int32Array(buffer));
    case "I16":
      return Float32Array.from(new Int16Array(buffer));
    case "I8":
      return Float32Array.from(new Int8Array(buffer));
    case "U8":
    case "BOOL":
      return Float32Array.from(new Uint8Array(buffer));
  }
}

/** IEEE 754 binary16: a sign, 5 bits of exponent, 10 of fraction. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
