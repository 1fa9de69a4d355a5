/**
 * Protocol buffers, read and written by a table of fields.
 *
 * @module
 */

/** What a field holds: a plain value, or a message of the table. */
type Kind = "int" | "float" | "text" | "bytes" | (string & Record<never, never>);

/** A field of a message. */
export interface Field {
  readonly name: string;
  readonly kind: Kind;
  /** "many" is a list; "map" an object with text keys. */
  readonly count: "one" | "many" | "map";
}

/** Messages by name; fields by number. */
export type Schema = Readonly<Record<string, Readonly<Record<number, Field>>>>;

/** A field of one value. */
export const one = (name: string, kind: Kind): Field => ({ name, kind, count: "one" });
/** A field of a list of values. */
export const many = (name: string, kind: Kind): Field => ({ name, kind, count: "many" });
/** A field of values by name. */
export const mapOf = (name: string, kind: Kind): Field => ({ name, kind, count: "map" });

const VARINT = 0, FIXED64 = 1, DELIMITED = 2, FIXED32 = 5;

/** How a kind of value stands in the bytes. */
const wireOf = (kind: Kind) => kind === "int" ? VARINT : kind === "float" ? FIXED32 : DELIMITED;

/** A map is a list of such messages. */
const entryOf = (kind: Kind): Schema => ({
  Entry: { 1: one("key", "text"), 2: one("value", kind) },
});

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * Reads a message. Fields that the table lacks are passed over; lists and maps are always there.
 *
 * @param schema The messages
 * @param type Which one the bytes are
 * @param bytes The message; "bytes" fields are views of them
 * @returns The fields by name
 * @throws {RangeError} If the bytes end within a field, or are no protocol buffer
 *
 * @example Usage
 * ```ts
 * import { one, readMessage, type Schema, writeMessage } from "./wire.ts";
 * import assert from "node:assert/strict";
 *
 * const schema: Schema = { Point: { 1: one("x", "int"), 2: one("name", "text") } };
 * const bytes = writeMessage(schema, "Point", { x: -3, name: "a" });
 * assert.deepEqual(readMessage(schema, "Point", bytes), { x: -3, name: "a" });
 * ```
 */
export function readMessage<T>(schema: Schema, type: string, bytes: Uint8Array): T {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const fields = schema[type];
  const message: Record<string, unknown> = {};
  for (const { name, count } of Object.values(fields)) {
    if (count !== "one") message[name] = count === "many" ? [] : {};
  }
  let at = 0;
  const advance = (length: number): number => {
    if (length < 0 || at + length > bytes.length) {
      throw new RangeError(
        `Cannot read the message ${type} as it is cut off: byte ${at} of ${bytes.length}`,
      );
    }
    return (at += length) - length;
  };
  const varint = (): number => {
    let value = 0n;
    for (let shift = 0n;; shift += 7n) {
      const byte = bytes[advance(1)];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, value));
    }
  };
  const span = (): Uint8Array => {
    const length = varint();
    return bytes.subarray(advance(length), at);
  };
  const value = (kind: Kind, within = schema): unknown => {
    if (kind === "int") return varint();
    if (kind === "float") return view.getFloat32(advance(4), true);
    if (kind === "text") return decoder.decode(span());
    if (kind === "bytes") return span();
    return readMessage(within, kind, span());
  };
  while (at < bytes.length) {
    const tag = varint();
    const [field, wire] = [fields[tag >>> 3], tag & 7];
    if (!field) {
      if (wire === VARINT) varint();
      else if (wire === FIXED64) advance(8);
      else if (wire === DELIMITED) span();
      else if (wire === FIXED32) advance(4);
      else throw new RangeError(`Cannot read the message ${type} as it is no protocol buffer`);
      continue;
    }
    const { name, kind, count } = field;
    if (count === "map") {
      const entry = value("Entry", { ...schema, ...entryOf(kind) }) as Record<string, unknown>;
      (message[name] as Record<string, unknown>)[entry.key as string] = entry.value;
    } else if (count === "one") {
      message[name] = value(kind);
    } else if (wire === DELIMITED && wireOf(kind) !== DELIMITED) {
      for (const end = varint() + at; at < end;) (message[name] as unknown[]).push(value(kind));
    } else {
      (message[name] as unknown[]).push(value(kind));
    }
  }
  return message as T;
}

/**
 * Writes a message. Fields that are undefined are left out, numbers of lists are packed.
 *
 * @param schema The messages
 * @param type Which one to write
 * @param message The fields by name
 * @returns The bytes
 *
 * @example Usage
 * ```ts
 * import { many, type Schema, writeMessage } from "./wire.ts";
 * import assert from "node:assert/strict";
 *
 * const schema: Schema = { List: { 1: many("numbers", "int") } };
 * assert.deepEqual([...writeMessage(schema, "List", { numbers: [1, 300] })], [10, 3, 1, 172, 2]);
 * ```
 */
export function writeMessage(
  schema: Schema,
  type: string,
  message: object,
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const fields = Object.entries(schema[type]);
  for (const [number, { name, kind, count }] of fields) {
    const value = (message as Record<string, unknown>)[name];
    if (value === undefined) continue;
    const wire = wireOf(kind);
    const put = (bytes: Uint8Array, wire: number) =>
      parts.push(
        varint(Number(number) << 3 | wire),
        ...(wire === DELIMITED ? [varint(bytes.length)] : []),
        bytes,
      );
    if (count === "map") {
      const within = { ...schema, ...entryOf(kind) };
      for (const [key, value_] of Object.entries(value as object)) {
        put(writeMessage(within, "Entry", { key, value: value_ }), DELIMITED);
      }
    } else if (count === "one") {
      put(bytesOf(schema, kind, value), wire);
    } else {
      const items = (value as unknown[]).map((item) => bytesOf(schema, kind, item));
      if (wire === DELIMITED) { for (const item of items) put(item, wire); }
      else if (items.length > 0) put(joinBytes(items), DELIMITED);
    }
  }
  return joinBytes(parts);
}

function bytesOf(schema: Schema, kind: Kind, value: unknown): Uint8Array {
  if (kind === "int") return varint(Number(value));
  if (kind === "float") return new Uint8Array(Float32Array.of(value as number).buffer);
  if (kind === "text") return encoder.encode(value as string);
  if (kind === "bytes") return value as Uint8Array;
  return writeMessage(schema, kind, value as object);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.of(...bytes, Number(rest));
}

/** Pieces, one after the other. */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
