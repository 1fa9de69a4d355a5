/**
 * JSON of files that anybody may have written.
 *
 * @module
 */

/** An object of a file. */
export type Json = Readonly<Record<string, unknown>>;

/** Whether a value is an object. */
export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object; empty where there is none. */
export function objectOf(value: unknown): Json {
  return isObject(value) ? value : {};
}

/** A list; empty where there is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text; "" where there is none. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Sizes, of which null, or a number below 0, is a free one, -1. */
export function sizesOf(value: unknown): number[] {
  return listOf(value).map((size) => {
    const number = size === null ? -1 : Number(size);
    return Number.isInteger(number) ? Math.max(number, -1) : -1;
  });
}
