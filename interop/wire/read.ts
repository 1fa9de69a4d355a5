/**
 * Reads protocol buffers by a table of fields.
 *
 * @module
 */
import { isScalar, type MessageOf, type Scalar, type Schema, WIRE_TYPES } from "./schema.ts";

/** Messages within messages; those of protocol buffers' own readers stop at 100. */
const DEEPEST = 64;
/** Messages in a file: a message of two bytes takes a hundred in memory. */
const MOST_MESSAGES = 500_000;

/**
 * Reads a message, whoever wrote it: memory is bounded by the file's length, and time grows with it.
 *
 * @param schema The table
 * @param name The message's name in it
 * @param bytes The whole message. Fields of bytes are views of it, not copies
 * @param origin Named in errors, e.g. the file's path
 * @returns Its fields; of one that stands twice and is not repeated, the last
 * @throws {Error} If it is cut off or damaged; the message is one line
 *
 * @example Usage
 * ```ts
 * import { readMessage, writeMessage } from "@realign/interop/wire";
 * import assert from "node:assert/strict";
 *
 * const schema = { Pair: { key: [1, "string"], values: [2, "int", "repeated"] } } as const;
 * const bytes = writeMessage(schema, "Pair", { key: "a", values: [1, 300] });
 * assert.deepEqual(readMessage(schema, "Pair", bytes, "pair.bin"), { key: "a", values: [1, 300] });
 * assert.throws(() => readMessage(schema, "Pair", bytes.subarray(0, 2), "pair.bin"), /Cannot read pair.bin/);
 * ```
 */
export function readMessage<const S extends Schema, M extends keyof S & string>(
  schema: S,
  name: M,
  bytes: Uint8Array,
  origin: string,
): MessageOf<S, M> {
  const reader = new Reader(bytes, origin, tablesOf(schema));
  return reader.message(name, bytes.length, 0) as MessageOf<S, M>;
}

interface NumberedField {
  readonly name: string;
  readonly kind: string;
  readonly repeated: boolean;
}

/** The fields of each message by their number. */
type Tables = ReadonlyMap<string, ReadonlyMap<number, NumberedField>>;

function tablesOf(schema: Schema): Tables {
  return new Map(
    Object.entries(schema).map(([message, fields]) => [
      message,
      new Map(
        Object.entries(fields).map(([name, [number, kind, repeated]]) => [
          number,
          { name, kind, repeated: repeated !== undefined },
        ]),
      ),
    ]),
  );
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #origin: string;
  readonly #tables: Tables;
  readonly #text = new TextDecoder();
  #at = 0;
  #messages = 0;

  constructor(bytes: Uint8Array, origin: string, tables: Tables) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#origin = origin;
    this.#tables = tables;
  }

  /** Reads the fields of a message up to `end`. */
  message(name: string, end: number, depth: number): Record<string, unknown> {
    if (depth > DEEPEST) this.#fail(`it holds messages more than ${DEEPEST} deep`);
    if (++this.#messages > MOST_MESSAGES) {
      this.#fail(`it holds more than ${MOST_MESSAGES} messages`);
    }
    const fields = this.#tables.get(name)!;
    const message: Record<string, unknown> = {};
    while (this.#at < end) {
      const tag = this.#varint(end);
      const wire = tag % 8;
      const field = fields.get(Math.floor(tag / 8));
      if (!field) {
        this.#skip(wire, end);
        continue;
      }
      if (!field.repeated) {
        message[field.name] = this.#value(field, wire, end, depth);
        continue;
      }
      const list = (message[field.name] ??= []) as unknown[];
      if (wire === 2 && isScalar(field.kind) && WIRE_TYPES[field.kind] !== 2) {
        const stop = this.#length(end) + this.#at;
        while (this.#at < stop) list.push(this.#scalar(field.kind, stop));
      } else list.push(this.#value(field, wire, end, depth));
    }
    return message;
  }

  #value(field: NumberedField, wire: number, end: number, depth: number): unknown {
    const { kind, name } = field;
    const wanted = isScalar(kind) ? WIRE_TYPES[kind] : 2;
    if (wire !== wanted) this.#fail(`"${name}" must be of wire type ${wanted}: it is of ${wire}`);
    if (isScalar(kind)) return this.#scalar(kind, end);
    const stop = this.#length(end) + this.#at;
    return this.message(kind, stop, depth + 1);
  }

  #scalar(kind: Scalar, end: number): unknown {
    if (kind === "int") return this.#signed(end);
    if (kind === "float") return this.#view.getFloat32(this.#take(4, end), true);
    if (kind === "double") return this.#view.getFloat64(this.#take(8, end), true);
    const start = this.#take(this.#length(end), end);
    const bytes = this.#bytes.subarray(start, this.#at);
    return kind === "bytes" ? bytes : this.#text.decode(bytes);
  }

  #skip(wire: number, end: number): void {
    if (wire === 0) this.#signed(end);
    else if (wire === 1) this.#take(8, end);
    else if (wire === 2) this.#take(this.#length(end), end);
    else if (wire === 5) this.#take(4, end);
    else this.#fail(`byte ${this.#at} is no field of a protocol buffer`);
  }

  /** Steps over `count` bytes; returns where they begin. */
  #take(count: number, end: number): number {
    if (count > end - this.#at) {
      this.#fail(`it is cut off: ${count} bytes are stated at byte ${this.#at} of ${end}`);
    }
    this.#at += count;
    return this.#at - count;
  }

  #length(end: number): number {
    const length = this.#varint(end);
    if (length > end - this.#at) {
      this.#fail(`it is cut off: ${length} bytes are stated at byte ${this.#at} of ${end}`);
    }
    return length;
  }

  /** A varint as an unsigned number, rounded beyond 2^53. */
  #varint(end: number): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#bytes[this.#take(1, end)];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return this.#fail(`the number before byte ${this.#at} has more than 10 bytes`);
  }

  /** A varint as an int64: what begins with a 1 of 64 bits is below 0. */
  #signed(end: number): number {
    const start = this.#at;
    const value = this.#varint(end);
    if (value < 2 ** 53) return value;
    let exact = 0n;
    for (let at = this.#at - 1; at >= start; at--) {
      exact = (exact << 7n) | BigInt(this.#bytes[at] & 0x7f);
    }
    return Number(BigInt.asIntN(64, exact));
  }

  #fail(reason: string): never {
    throw new Error(`Cannot read ${this.#origin} as ${reason}`);
  }
}
