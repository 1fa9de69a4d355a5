/**
 * The messages of ONNX files, as far as graphs of tensors need them.
 *
 * @see {@link https://github.com/onnx/onnx/blob/main/onnx/onnx.proto}
 *
 * @module
 */
import type { MessageOf } from "../wire/schema.ts";

/** The table for the readers and writers of `@realign/interop/wire`. */
export const ONNX = {
  Model: {
    irVersion: [1, "int"],
    producer: [2, "string"],
    producerVersion: [3, "string"],
    graph: [7, "Graph"],
    opsets: [8, "Opset", "repeated"],
    metadata: [14, "Pair", "repeated"],
  },
  Opset: { domain: [1, "string"], version: [2, "int"] },
  Pair: { key: [1, "string"], value: [2, "string"] },
  Graph: {
    nodes: [1, "Node", "repeated"],
    name: [2, "string"],
    initializers: [5, "Tensor", "repeated"],
    inputs: [11, "ValueInfo", "repeated"],
    outputs: [12, "ValueInfo", "repeated"],
  },
  Node: {
    inputs: [1, "string", "repeated"],
    outputs: [2, "string", "repeated"],
    name: [3, "string"],
    operator: [4, "string"],
    attributes: [5, "Attribute", "repeated"],
    domain: [7, "string"],
  },
  Attribute: {
    name: [1, "string"],
    float: [2, "float"],
    int: [3, "int"],
    text: [4, "bytes"],
    tensor: [5, "Tensor"],
    floats: [7, "float", "repeated"],
    ints: [8, "int", "repeated"],
    type: [20, "int"],
  },
  Tensor: {
    dims: [1, "int", "repeated"],
    type: [2, "int"],
    floats: [4, "float", "repeated"],
    int32s: [5, "int", "repeated"],
    int64s: [7, "int", "repeated"],
    name: [8, "string"],
    raw: [9, "bytes"],
    doubles: [10, "double", "repeated"],
    uint64s: [11, "int", "repeated"],
    external: [13, "Pair", "repeated"],
    location: [14, "int"],
  },
  ValueInfo: { name: [1, "string"], type: [2, "Type"] },
  Type: { tensor: [1, "TensorType"] },
  TensorType: { type: [1, "int"], shape: [2, "Shape"] },
  Shape: { dims: [1, "Dim", "repeated"] },
  Dim: { size: [1, "int"], name: [2, "string"] },
} as const;

/** ONNX's numbers of the types of tensors that are written. */
export const OnnxType = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;

/** A type of tensors that is written. */
export type OnnxTypeName = keyof typeof OnnxType;

/** A message of an ONNX file by its name in the table, e.g. `OnnxMessage<"Node">`. */
export type OnnxMessage<M extends keyof typeof ONNX> = MessageOf<typeof ONNX, M>;

/** First bytes that a model's file can have: its fields' numbers and kinds, those of no use here too. */
const FIRST_TAGS: ReadonlySet<number> = new Set([
  ...[1, 5].map((field) => field << 3),
  ...[2, 3, 4, 6, 7, 8, 14].map((field) => field << 3 | 2),
]);

/** Whether a file can be a model by its first byte: most files that are something else cannot. */
export function beginsAsOnnx(bytes: Uint8Array): boolean {
  return bytes.length === 0 || FIRST_TAGS.has(bytes[0]);
}
