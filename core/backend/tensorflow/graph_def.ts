/**
 * A graph as bytes: TensorFlow's GraphDef, a protocol buffer.
 *
 * @module
 */
import type { TensorflowLibrary } from "./library.ts";

/** A graph that was written out. */
export interface SerializedGraph {
  /** A GraphDef. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Names of the operations that are its parameters, in order. */
  readonly parameters: readonly string[];
  /** Names of those whose first result is a result of the graph, in order. */
  readonly results: readonly string[];
  /** Shapes of each operation's results, by its name. */
  readonly shapes: ReadonlyMap<string, readonly (readonly number[])[]>;
}

/** Where a TF_Buffer, `{ data, length, deallocator }`, has its length. */
const LENGTH_AT = 8;

/** The GraphDef of a TF_Graph. */
export function graphDefOf(
  library: TensorflowLibrary,
  graph: Deno.PointerValue,
): Uint8Array<ArrayBuffer> {
  const { symbols, status } = library;
  const buffer = symbols.TF_NewBuffer()!;
  try {
    symbols.TF_GraphToGraphDef(graph, buffer, status);
    library.check("write a graph");
    const view = new Deno.UnsafePointerView(buffer);
    const length = Number(view.getBigUint64(LENGTH_AT));
    const data = view.getPointer(0);
    if (!data) return new Uint8Array(0);
    return new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(data, length).slice(0));
  } finally {
    symbols.TF_DeleteBuffer(buffer);
  }
}
