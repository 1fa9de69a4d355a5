/**
 * The fields of TensorFlow's GraphDef and SavedModel that graphs of Realign need.
 *
 * @module
 */
import { type MessageOf, readMessage, type Schema } from "../wire/mod.ts";

/** TensorFlow's numbers of types. */
export const DataType = { float: 1, int32: 3, bool: 10 } as const;

/** The messages. */
export const TENSORFLOW = {
  GraphDef: { node: [1, "NodeDef", "repeated"], versions: [4, "Versions"] },
  Versions: { producer: [1, "int"], minConsumer: [2, "int"] },
  NodeDef: {
    name: [1, "string"],
    op: [2, "string"],
    input: [3, "string", "repeated"],
    attr: [5, "AttributeEntry", "repeated"],
  },
  AttributeEntry: { key: [1, "string"], value: [2, "Attribute"] },
  Attribute: {
    list: [1, "List"],
    s: [2, "bytes"],
    i: [3, "int"],
    f: [4, "float"],
    b: [5, "int"],
    type: [6, "int"],
    shape: [7, "Shape"],
    tensor: [8, "Tensor"],
  },
  List: { s: [2, "bytes", "repeated"], i: [3, "int", "repeated"], f: [4, "float", "repeated"] },
  Shape: { dim: [2, "Dimension", "repeated"] },
  Dimension: { size: [1, "int"] },
  Tensor: {
    dtype: [1, "int"],
    shape: [2, "Shape"],
    content: [4, "bytes"],
    floats: [5, "float", "repeated"],
    ints: [7, "int", "repeated"],
    bools: [11, "int", "repeated"],
  },
  SavedModel: { schemaVersion: [1, "int"], metaGraphs: [2, "MetaGraph", "repeated"] },
  MetaGraph: {
    information: [1, "MetaInformation"],
    graph: [2, "GraphDef"],
    signatures: [5, "SignatureEntry", "repeated"],
  },
  MetaInformation: { tags: [4, "string", "repeated"], tensorflowVersion: [5, "string"] },
  SignatureEntry: { key: [1, "string"], value: [2, "Signature"] },
  Signature: {
    inputs: [1, "TensorInfoEntry", "repeated"],
    outputs: [2, "TensorInfoEntry", "repeated"],
    method: [3, "string"],
  },
  TensorInfoEntry: { key: [1, "string"], value: [2, "TensorInfo"] },
  TensorInfo: { name: [1, "string"], dtype: [2, "int"], shape: [3, "Shape"] },
} as const satisfies Schema;

/** A message as it stands in a file, e.g. `TensorflowMessage<"GraphDef">`. */
export type TensorflowMessage<M extends keyof typeof TENSORFLOW> = MessageOf<typeof TENSORFLOW, M>;

/** A shape; a size of -1 is a free dimension. */
export type ShapeProto = TensorflowMessage<"Shape">;

/** A value of an attribute: one of the fields. */
export type Attribute = TensorflowMessage<"Attribute">;

/** An operation. */
export interface NodeDef {
  readonly name: string;
  readonly op: string;
  /** Names of operations, ":1" behind them for another result than the first. */
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, Attribute>>;
}

/** A graph. */
export interface GraphDef {
  readonly node: readonly NodeDef[];
  /** The version of TensorFlow's graphs that it is written in. */
  readonly producer: number;
}

/** The message of a graph. */
export function messageOfGraph({ node, producer }: GraphDef): TensorflowMessage<"GraphDef"> {
  return {
    node: node.map((one) => ({ ...one, attr: entriesOf(one.attr) })),
    versions: { producer },
  };
}

/** The graph of a message. */
export function graphOfMessage({ node = [], versions }: TensorflowMessage<"GraphDef">): GraphDef {
  return {
    node: node.map(({ name = "", op = "", input = [], attr }) => (
      { name, op, input, attr: recordOf(attr) }
    )),
    producer: versions?.producer ?? 0,
  };
}

/** Reads a graph. Throws an Error if its bytes are damaged. */
export function readGraphDef(bytes: Uint8Array): GraphDef {
  return graphOfMessage(readMessage(TENSORFLOW, "GraphDef", bytes, "the graph"));
}

/** A map as protocol buffers have it: a list of keys and values. */
export function entriesOf<V>(record: Readonly<Record<string, V>>): { key: string; value: V }[] {
  return Object.entries(record).map(([key, value]) => ({ key, value }));
}

/** An object of keys and values; what a file leaves out is empty. */
export function recordOf<V extends object>(
  entries: readonly { readonly key?: string; readonly value?: V }[] = [],
): Record<string, V> {
  return Object.fromEntries(entries.map(({ key = "", value = {} as V }) => [key, value]));
}
