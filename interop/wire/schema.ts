/**
 * Protocol buffers by tables of fields: what a table holds, and the types that follow from it.
 *
 * @see {@link https://protobuf.dev/programming-guides/encoding/}
 *
 * @module
 */

/**
 * What a field without fields of its own holds: "int" is any varint (an int64 beyond 2^53 is rounded), "string" is
 * UTF-8.
 */
export type Scalar = "int" | "float" | "double" | "string" | "bytes";

/** A field: its number, what it holds (a scalar or the name of a message), and whether it may stand repeatedly. */
export type Field = readonly [number: number, kind: string, repeated?: "repeated"];

/**
 * Messages by name, each with its fields by name. Fields of a file that a table lacks are passed over. A map of
 * protocol buffers is a repeated message with the fields `key` (1) and `value` (2).
 */
export type Schema = Readonly<Record<string, Readonly<Record<string, Field>>>>;

type Held<S extends Schema, K> = K extends "int" | "float" | "double" ? number
  : K extends "string" ? string
  : K extends "bytes" ? Uint8Array
  : K extends keyof S ? MessageOf<S, K>
  : never;

/** A message of a table. Fields that a file leaves out are absent. */
export type MessageOf<S extends Schema, M extends keyof S> = {
  readonly [F in keyof S[M]]?: S[M][F] extends readonly [number, infer K, "repeated"]
    ? readonly Held<S, K>[]
    : S[M][F] extends readonly [number, infer K] ? Held<S, K>
    : never;
};

/** How scalars are told apart in a file: 0 a varint, 1 eight bytes, 2 a length and as many bytes, 5 four bytes. */
export const WIRE_TYPES: Readonly<Record<Scalar, 0 | 1 | 2 | 5>> = {
  int: 0,
  double: 1,
  string: 2,
  bytes: 2,
  float: 5,
};

/** Whether a kind is a scalar, not the name of a message. */
export function isScalar(kind: string): kind is Scalar {
  return Object.hasOwn(WIRE_TYPES, kind);
}
