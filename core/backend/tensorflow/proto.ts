/**
 * Writes protocol buffers, as far as TensorFlow's settings need them.
 *
 * @module
 */

function varint(value: number): number[] {
  return value < 128 ? [value] : [value & 127 | 128, ...varint(value >>> 7)];
}

/** A field that is a number. */
export function number(field: number, value: number): number[] {
  return [...varint(field << 3), ...varint(value)];
}

/** A field that is a message, or bytes. */
export function message(field: number, bytes: readonly number[]): number[] {
  return [...varint(field << 3 | 2), ...varint(bytes.length), ...bytes];
}

/** A field that is a text. */
export function text(field: number, value: string): number[] {
  return message(field, [...new TextEncoder().encode(value)]);
}
