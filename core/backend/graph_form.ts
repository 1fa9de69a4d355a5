/**
 * The form of a function that is frozen as a graph.
 *
 * @module
 */
import type * as tf from "../tf.ts";

/** An input or output of a graph. */
export interface GraphPlace {
  /** Its key in what the function takes or returns; parts of parts by a path, e.g. "heads.0.boxes". */
  readonly name: string;
  /** The operation whose first result it is. */
  readonly node: string;
  readonly shape: readonly number[];
  readonly dtype: tf.DataType;
}

/** A function as a graph. */
export interface FrozenGraph {
  /** TensorFlow's GraphDef, a protocol buffer; weights are constants in it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly inputs: readonly GraphPlace[];
  readonly outputs: readonly GraphPlace[];
  /** Shapes of each operation's results, by its name. */
  readonly shapes: ReadonlyMap<string, readonly (readonly number[])[]>;
}
