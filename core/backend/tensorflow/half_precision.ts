/**
 * Writes convolutions, matrix products and their gradients down in bfloat16, and all else as it is.
 *
 * @module
 */
import { isExact } from "../precision.ts";
import { AttributeType, type OpAttribute } from "./attributes.ts";
import { DataType, type OperationSink, type OpOutput } from "./binding.ts";

/** Operations that gain, with the places of the inputs that are numbers; others are shapes. */
const NARROWED: Readonly<Record<string, readonly number[]>> = {
  Conv2D: [0, 1],
  Conv2DBackpropInput: [1, 2],
  Conv2DBackpropFilter: [0, 2],
  MatMul: [0, 1],
  BatchMatMul: [0, 1],
  BatchMatMulV2: [0, 1],
};

const isType = ({ name, value }: OpAttribute): boolean => name === "T" && value === DataType.float;

/**
 * A sink whose products are bfloat16: their inputs are cast to it, their result back to float32. Nothing is cast
 * twice, as a graph holds no operation twice; a result that is read by another product is not cast back and forth.
 *
 * @param sink The graph
 * @returns Takes the same operations
 */
export function halfPrecision(sink: OperationSink): OperationSink {
  /** By float32 result of a product, what it was cast from. */
  const narrow = new Map<number, number>();
  const cast = (id: number, from: number, to: number): OpOutput => {
    const type = (name: string, value: number) => ({ name, type: AttributeType.type, value });
    const truncate = { name: "Truncate", type: AttributeType.bool, value: false };
    return sink.executeOp("Cast", [type("SrcT", from), type("DstT", to), truncate], [id], 1)[0];
  };
  return {
    name: sink.name,
    createdTensor: (id) => sink.createdTensor(id),
    isSymbolic: (id) => sink.isSymbolic(id),
    isConstant: (inputs) => sink.isConstant(inputs),
    executeOp(name, attributes, inputs, outputCount) {
      const places = NARROWED[name];
      if (!places || isExact() || !attributes.some(isType)) {
        return sink.executeOp(name, attributes, inputs, outputCount);
      }
      const narrowed = inputs.map((id, place) => {
        if (!places.includes(place)) return id;
        return narrow.get(id) ?? cast(id, DataType.float, DataType.bfloat16).id;
      });
      const own = attributes.map((one) => isType(one) ? { ...one, value: DataType.bfloat16 } : one);
      const [product] = sink.executeOp(name, own, narrowed, 1);
      const wide = cast(product.id, DataType.bfloat16, DataType.float);
      narrow.set(wide.id, product.id);
      return [wide];
    },
  };
}
