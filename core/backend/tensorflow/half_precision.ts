/**
 * Writes convolutions, matrix products and their gradients down in bfloat16, and all else as it is.
 *
 * @module
 */
import { isExact } from "../precision.ts";
import { AttributeType, type OpAttribute } from "./attributes.ts";
import { DataType, type OperationSink, type OpOutput } from "./binding.ts";

/** Operations that gain, with the places of the inputs that are numbers; others are shapes. */
const PRODUCTS: Readonly<Record<string, readonly number[]>> = {
  Conv2D: [0, 1],
  Conv2DBackpropInput: [1, 2],
  Conv2DBackpropFilter: [0, 2],
  MatMul: [0, 1],
  BatchMatMul: [0, 1],
  BatchMatMulV2: [0, 1],
};

/** Operations that give the same in bfloat16, of numbers that are bfloat16 already. */
const CARRIED: ReadonlySet<string> = new Set(["Relu", "ReluGrad"]);

/** A graph that knows the shapes of tensors. */
type ShapedSink = OperationSink & { shapeOf(id: number): readonly number[] };

/** What a float32 tensor was cast from. */
interface Narrow {
  readonly id: number;
  /** The operation that made it. */
  readonly name: string;
}

const isType = ({ name, value }: OpAttribute): boolean => name === "T" && value === DataType.float;

const isDilation = ({ name, value }: OpAttribute): boolean =>
  name === "dilations" && (value as readonly number[]).some((rate) => rate > 1);

/**
 * A sink whose products are bfloat16: their inputs are cast to it, their result back to float32. Nothing is cast
 * twice, as a graph holds no operation twice, nor back and forth: a product reads another's result as it is, and a
 * convolution's bias is added and its ReLU taken before the cast, where TensorFlow makes them one operation.
 *
 * @param sink The graph
 * @param dilates Whether dilated convolutions can be bfloat16 too; else they stay as they are
 * @returns Takes the same operations
 */
export function halfPrecision(sink: ShapedSink, dilates: boolean): OperationSink {
  const known = new Map<number, Narrow>();
  const cast = (id: number, from: number, to: number): OpOutput => {
    const type = (name: string, value: number) => ({ name, type: AttributeType.type, value });
    const truncate = { name: "Truncate", type: AttributeType.bool, value: false };
    return sink.executeOp("Cast", [type("SrcT", from), type("DstT", to), truncate], [id], 1)[0];
  };
  /** Whether one is a convolution's result, and the other holds a number for each of its channels. */
  const addsBias = ([a, b]: readonly number[]): boolean =>
    known.get(a)?.name === "Conv2D" && sink.shapeOf(b).length === 1 &&
    sink.shapeOf(b)[0] === sink.shapeOf(a).at(-1);
  /** The places of inputs that are to be bfloat16; undefined for an operation that stays as it is. */
  const placesOf = (name: string, inputs: readonly number[]): readonly number[] | undefined => {
    if (name in PRODUCTS) return PRODUCTS[name];
    const isCarried = CARRIED.has(name) && inputs.every((id) => known.has(id));
    return isCarried || name === "AddV2" && addsBias(inputs) ? [...inputs.keys()] : undefined;
  };
  return {
    name: sink.name,
    createdTensor: (id) => sink.createdTensor(id),
    isSymbolic: (id) => sink.isSymbolic(id),
    isConstant: (inputs) => sink.isConstant(inputs),
    executeOp(name, attributes, inputs, outputCount) {
      const isKept = isExact() || !dilates && attributes.some(isDilation);
      const places = attributes.some(isType) && !isKept ? placesOf(name, inputs) : undefined;
      if (!places) return sink.executeOp(name, attributes, inputs, outputCount);
      const narrowed = inputs.map((id, place) => {
        if (!places.includes(place)) return id;
        return known.get(id)?.id ?? cast(id, DataType.float, DataType.bfloat16).id;
      });
      const own = attributes.map((one) => isType(one) ? { ...one, value: DataType.bfloat16 } : one);
      const [{ id }] = sink.executeOp(name, own, narrowed, 1);
      const wide = cast(id, DataType.bfloat16, DataType.float);
      known.set(wide.id, { id, name });
      return [wide];
    },
  };
}
