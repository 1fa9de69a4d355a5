/**
 * Operations on each element.
 *
 * @module
 */
import { DataType, type NodeDef } from "../graph/graph_def.ts";
import type { OnnxBuilder } from "./onnx_builder.ts";
import { OnnxType } from "../onnx/schema.ts";
import type { OnnxRule } from "./onnx_rule.ts";

/** ONNX has the same, under this name. */
const same = (op: string): OnnxRule => (node, onnx) =>
  onnx.add(op, node.input.map((input) => onnx.value(input)), {}, [node.name]);

const values = ({ input }: NodeDef, onnx: OnnxBuilder) => input.map((one) => onnx.value(one));

const TYPES: Readonly<Record<number, number>> = {
  [DataType.float]: OnnxType.float32,
  [DataType.int32]: OnnxType.int32,
  [DataType.bool]: OnnxType.bool,
};

/** By TensorFlow's names. */
export const elementwise: Readonly<Record<string, OnnxRule>> = {
  Abs: same("Abs"),
  Add: same("Add"),
  AddN: same("Sum"),
  AddV2: same("Add"),
  Ceil: same("Ceil"),
  Cos: same("Cos"),
  Elu: same("Elu"),
  Equal: same("Equal"),
  Erf: same("Erf"),
  Exp: same("Exp"),
  Floor: same("Floor"),
  Greater: same("Greater"),
  GreaterEqual: same("GreaterOrEqual"),
  Identity: same("Identity"),
  Less: same("Less"),
  LessEqual: same("LessOrEqual"),
  Log: same("Log"),
  LogicalAnd: same("And"),
  LogicalNot: same("Not"),
  LogicalOr: same("Or"),
  Maximum: same("Max"),
  Minimum: same("Min"),
  Mul: same("Mul"),
  Neg: same("Neg"),
  Pow: same("Pow"),
  RealDiv: same("Div"),
  Relu: same("Relu"),
  Select: same("Where"),
  SelectV2: same("Where"),
  Sigmoid: same("Sigmoid"),
  Sign: same("Sign"),
  Sin: same("Sin"),
  Softplus: same("Softplus"),
  Sqrt: same("Sqrt"),
  Sub: same("Sub"),
  Tanh: same("Tanh"),
  Cast(node, onnx) {
    const to = TYPES[node.attr.DstT.type!];
    onnx.add("Cast", values(node, onnx), { to }, [node.name]);
  },
  LeakyRelu(node, onnx) {
    // TensorFlow leaves out what is 0.2.
    const alpha = { real: node.attr.alpha?.f ?? 0.2 };
    onnx.add("LeakyRelu", values(node, onnx), { alpha }, [node.name]);
  },
  Relu6(node, onnx) {
    const [least, most] = [0, 6].map((value) => scalar(value, onnx));
    onnx.add("Clip", [...values(node, onnx), least, most], {}, [node.name]);
  },
  Rsqrt(node, onnx) {
    onnx.add("Reciprocal", [onnx.add("Sqrt", values(node, onnx))], {}, [node.name]);
  },
  Square(node, onnx) {
    const [value] = values(node, onnx);
    onnx.add("Mul", [value, value], {}, [node.name]);
  },
  SquaredDifference(node, onnx) {
    const difference = onnx.add("Sub", values(node, onnx));
    onnx.add("Mul", [difference, difference], {}, [node.name]);
  },
};

function scalar(value: number, onnx: OnnxBuilder): string {
  return onnx.initializer({ shape: [], dtype: "float32", values: Float32Array.of(value) });
}
