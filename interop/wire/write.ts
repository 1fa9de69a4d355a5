/**
 * Writes protocol buffers by a table of fields.
 *
 * @module
 */
import {
  type Field,
  isScalar,
  type MessageOf,
  type Scalar,
  type Schema,
  WIRE_TYPES,
} from "./schema.ts";

/**
 * Writes a message. Repeated numbers are packed, which every reader takes.
 *
 * @param schema The table
 * @param name The message's name in it
 * @param message Its fields; absent ones are left out
 * @returns Its bytes
 * @throws {RangeError} If an int is none, or beyond 64 bits
 *
 * @example Usage
 * ```ts
 * import { writeMessage } from "@realign/interop/wire";
 * import assert from "node:assert/strict";
 *
 * const bytes = writeMessage({ Size: { height: [1, "int"] } }, "Size", { height: 300 });
 * assert.deepEqual([...bytes], [8, 172, 2]);
 * ```
 */
export function writeMessage<const S extends Schema, M extends keyof S & string>(
  schema: S,
  name: M,
  message: MessageOf<S, M>,
): Uint8Array<ArrayBuffer> {
  return joinBytes(partsOf(schema, name, message as Readonly<Record<string, unknown>>));
}

function partsOf(
  schema: Schema,
  name: string,
  message: Readonly<Record<string, unknown>>,
): Uint8Array[] {
  return Object.entries(schema[name]).flatMap(([field, definition]) => {
    const value = message[field];
    return value === undefined ? [] : fieldParts(schema, definition, value);
  });
}

function fieldParts(schema: Schema, [number, kind, repeated]: Field, value: unknown): Uint8Array[] {
  const tag = (wire: number) => varint(number * 8 + wire);
  const delimited = (parts: Uint8Array[]) => {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    return [tag(2), varint(length), ...parts];
  };
  const values = repeated ? value as readonly unknown[] : [value];
  if (!isScalar(kind)) {
    return values.flatMap((item) =>
      delimited(partsOf(schema, kind, item as Readonly<Record<string, unknown>>))
    );
  }
  const wire = WIRE_TYPES[kind];
  if (wire === 2) return values.flatMap((item) => delimited([scalar(kind, item)]));
  if (repeated) {
    return values.length === 0 ? [] : delimited(values.map((item) => scalar(kind, item)));
  }
  return [tag(wire), scalar(kind, value)];
}

function scalar(kind: Scalar, value: unknown): Uint8Array {
  switch (kind) {
    case "int":
      return varint(value as number);
    case "float":
      return bytesOf(4, (view) => view.setFloat32(0, value as number, true));
    case "double":
      return bytesOf(8, (view) => view.setFloat64(0, value as number, true));
    case "string":
      return new TextEncoder().encode(value as string);
    case "bytes":
      return value as Uint8Array;
  }
}

function bytesOf(length: number, fill: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(length);
  fill(new DataView(bytes.buffer));
  return bytes;
}

function varint(value: number): Uint8Array {
  if (!Number.isInteger(value) || Math.abs(value) > 2 ** 63) {
    throw new RangeError(
      `Cannot write an int as it must be one of 64 bits: current value is ${value}`,
    );
  }
  // 2 ** 63 is what the greatest int64 is rounded to.
  let rest = BigInt.asUintN(64, value === 2 ** 63 ? 2n ** 63n - 1n : BigInt(value));
  const bytes: number[] = [];
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from([...bytes, Number(rest)]);
}

/** Pieces, one after the other. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
