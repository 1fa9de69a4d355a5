/**
 * Values of a graph's constants.
 *
 * @module
 */
import { DataType, type NodeDef, type ShapeProto } from "./graph_def.ts";

/** A constant's value. */
export interface Constant {
  readonly shape: readonly number[];
  readonly dtype: TypeName;
  readonly values: Float32Array | Int32Array | Uint8Array;
}

/** A type of tensors that graphs have. */
type TypeName = "float32" | "int32" | "bool";

const TYPES: readonly (readonly [TypeName, number])[] = [
  ["float32", DataType.float],
  ["int32", DataType.int32],
  ["bool", DataType.bool],
];

/** TensorFlow's number of a type. Throws TypeError for a type that graphs do not have. */
export function numberOfType(dtype: string): number {
  const found = TYPES.find(([name]) => name === dtype);
  if (found) return found[1];
  throw new TypeError(`Cannot write tensors of type ${dtype}: a graph has float32, int32 and bool`);
}

/** A type by TensorFlow's number. Throws TypeError for a type that graphs do not have. */
export function typeOfNumber(number: number): TypeName {
  const found = TYPES.find(([, known]) => known === number);
  if (found) return found[0];
  throw new TypeError(`Cannot read tensors of the type with number ${number}`);
}

/** The value of a node; undefined if it is no constant. */
export function constantOf(node: NodeDef | undefined): Constant | undefined {
  const tensor = node?.op === "Const" ? node.attr.value.tensor : undefined;
  if (!tensor) return undefined;
  const shape = sizesOf(tensor.shape);
  const size = shape.reduce((product, side) => product * side, 1);
  const { dtype = 0, floats = [], ints = [], bools = [] } = tensor;
  // A copy, as a view may begin at any byte.
  const content = tensor.content?.length ? tensor.content.slice().buffer : undefined;
  const fill = (list: readonly number[]) =>
    Array.from({ length: size }, (_, k) => list[Math.min(k, list.length - 1)] ?? 0);
  const type = typeOfNumber(dtype);
  const values = type === "float32"
    ? content ? new Float32Array(content) : Float32Array.from(fill(floats))
    : type === "int32"
    ? content ? new Int32Array(content) : Int32Array.from(fill(ints))
    : content
    ? new Uint8Array(content)
    : Uint8Array.from(fill(bools));
  return { shape, dtype: type, values };
}

/** A constant as a node. */
export function constantNode(name: string, { shape, dtype, values }: Constant): NodeDef {
  const type = numberOfType(dtype);
  const content = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const tensor = { dtype: type, shape: shapeOf(shape), content };
  return { name, op: "Const", input: [], attr: { dtype: { type }, value: { tensor } } };
}

/** A list of int32 as a constant. */
export function integersNode(name: string, values: readonly number[]): NodeDef {
  return constantNode(name, {
    shape: [values.length],
    dtype: "int32",
    values: Int32Array.from(values),
  });
}

/** The sizes of a shape. */
export function sizesOf(shape: ShapeProto | undefined): number[] {
  return (shape?.dim ?? []).map(({ size = 0 }) => size);
}

/** A shape of sizes. */
export function shapeOf(sizes: readonly number[]): ShapeProto {
  return { dim: sizes.map((size) => ({ size })) };
}
