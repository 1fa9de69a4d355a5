/**
 * Results of operations, as TensorFlow's functions take them.
 *
 * @module
 */

/** Which result of which operation. */
export interface Place {
  readonly operation: Deno.PointerValue;
  readonly index: number;
}

const OUTPUT_BYTES = 16;

/** TF_Output records, one after the other. */
export function pack(nodes: readonly Place[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(OUTPUT_BYTES * nodes.length);
  const view = new DataView(bytes.buffer);
  nodes.forEach(({ operation, index }, position) => {
    view.setBigUint64(OUTPUT_BYTES * position, Deno.UnsafePointer.value(operation), true);
    view.setInt32(OUTPUT_BYTES * position + 8, index, true);
  });
  return bytes;
}
