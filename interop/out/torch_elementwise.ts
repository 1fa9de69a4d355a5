/**
 * Operations on each element.
 *
 * @module
 */
import { DataType, type NodeDef } from "../graph/graph_def.ts";
import { pythonFloat } from "./python_text.ts";
import type { TorchBuilder } from "./torch_builder.ts";
import type { TorchRule } from "./torch_rule.ts";

/** A function of tensors. */
const call = (name: string): TorchRule => (node, torch) => {
  torch.assign(node, `${name}(${node.input.map((input) => torch.tensor(input)).join(", ")})`);
};

/** Operands: numbers are written out where a tensor is among them. */
function operands({ input }: NodeDef, torch: TorchBuilder): string[] {
  const areNumbers = input.every((one) => torch.isNumber(one));
  return input.map((one) => areNumbers ? torch.tensor(one) : torch.value(one));
}

/** An operator between two operands. */
const infix = (sign: string): TorchRule => (node, torch) => {
  torch.assign(node, operands(node, torch).join(` ${sign} `));
};

/** The greater or the less of two; of a tensor and a number, PyTorch calls it clamp. */
const bound = (name: string, side: "min" | "max"): TorchRule => (node, torch) => {
  const [first, second] = node.input;
  const [number, tensor] = torch.isNumber(first) ? [first, second] : [second, first];
  if (!torch.isNumber(number)) return call(name)(node, torch);
  torch.assign(node, `${torch.tensor(tensor)}.clamp(${side}=${torch.value(number)})`);
};

const where: TorchRule = (node, torch) => {
  const [condition, ...choices] = node.input;
  const [shape, other] = [condition, choices[0]].map((input) => torch.shape(input));
  if (node.op === "Select" && shape.length !== other.length) {
    throw torch.unlike(node, "it chooses whole rows");
  }
  const parts = operands({ ...node, input: choices }, torch);
  torch.assign(node, `torch.where(${[torch.tensor(condition), ...parts].join(", ")})`);
};

/** By TensorFlow's names. */
export const elementwise: Readonly<Record<string, TorchRule>> = {
  Abs: call("torch.abs"),
  Add: infix("+"),
  AddN: infix("+"),
  AddV2: infix("+"),
  Ceil: call("torch.ceil"),
  Cos: call("torch.cos"),
  Elu: call("F.elu"),
  Equal: infix("=="),
  Erf: call("torch.erf"),
  Exp: call("torch.exp"),
  Expm1: call("torch.expm1"),
  Floor: call("torch.floor"),
  Greater: infix(">"),
  GreaterEqual: infix(">="),
  Identity: (node, torch) => torch.alias(node),
  Less: infix("<"),
  LessEqual: infix("<="),
  Log: call("torch.log"),
  Log1p: call("torch.log1p"),
  LogicalAnd: infix("&"),
  LogicalNot: call("torch.logical_not"),
  LogicalOr: infix("|"),
  Maximum: bound("torch.maximum", "min"),
  Minimum: bound("torch.minimum", "max"),
  Mul: infix("*"),
  Neg: call("torch.neg"),
  NotEqual: infix("!="),
  OnesLike: call("torch.ones_like"),
  Pow: infix("**"),
  RealDiv: infix("/"),
  Reciprocal: call("torch.reciprocal"),
  Relu: call("torch.relu"),
  Relu6: call("F.relu6"),
  Round: call("torch.round"),
  Rsqrt: call("torch.rsqrt"),
  Select: where,
  SelectV2: where,
  Selu: call("F.selu"),
  Sigmoid: call("torch.sigmoid"),
  Sign: call("torch.sign"),
  Sin: call("torch.sin"),
  Softplus: call("F.softplus"),
  Sqrt: call("torch.sqrt"),
  Square: call("torch.square"),
  SquaredDifference(node, torch) {
    torch.assign(node, `(${operands(node, torch).join(" - ")}) ** 2`);
  },
  Sub: infix("-"),
  Tanh: call("torch.tanh"),
  ZerosLike: call("torch.zeros_like"),
  Cast(node, torch) {
    const to = node.attr.DstT.type!;
    if (to === node.attr.SrcT?.type) return torch.alias(node);
    // As precise as the images are.
    const type = to === DataType.float
      ? `${torch.images}.dtype`
      : to === DataType.int32
      ? "torch.int32"
      : "torch.bool";
    torch.assign(node, `${torch.tensor(node.input[0])}.to(${type})`);
  },
  LeakyRelu(node, torch) {
    // TensorFlow leaves out what is 0.2.
    const alpha = pythonFloat(node.attr.alpha?.f ?? 0.2);
    torch.assign(node, `F.leaky_relu(${torch.tensor(node.input[0])}, ${alpha})`);
  },
};
