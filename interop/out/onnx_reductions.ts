/**
 * Reductions and matrix products.
 *
 * @module
 */
import type { NodeDef } from "../graph/graph_def.ts";
import { flagOf } from "./attributes.ts";
import type { OnnxBuilder } from "./onnx_builder.ts";
import type { OnnxRule } from "./onnx_rule.ts";

/** Over axes, which are a constant. */
const over = (op: string): OnnxRule => (node, onnx) => {
  const axes = onnx.int64(node, 1);
  const keepdims = flagOf(node, "keep_dims") ? 1 : 0;
  onnx.add(op, [onnx.value(node.input[0]), axes], { keepdims }, [node.name]);
};

/** A matrix product whose operands may be transposed, as two flags say. */
const product = (first: string, second: string): OnnxRule => (node, onnx) => {
  const flags = [first, second].map((flag) => flagOf(node, flag));
  if (node.op === "MatMul" && flags.some(Boolean)) {
    const [transA, transB] = flags.map(Number);
    const matrices = node.input.map((input) => onnx.value(input));
    onnx.add("Gemm", matrices, { transA, transB }, [node.name]);
    return;
  }
  const operands = [first, second].map((flag, k) => operand(node, k, flag, onnx));
  onnx.add("MatMul", operands, {}, [node.name]);
};

function operand(node: NodeDef, k: number, flag: string, onnx: OnnxBuilder): string {
  const value = onnx.value(node.input[k]);
  if (!flagOf(node, flag)) return value;
  const rank = onnx.shape(node.input[k]).length;
  if (rank < 2) throw onnx.unlike(node, "it turns matrices of an unknown number of axes");
  const perm = Array.from({ length: rank }, (_, axis) => axis);
  return onnx.add("Transpose", [value], {
    perm: [...perm.slice(0, -2), rank - 1, rank - 2],
  });
}

/** By TensorFlow's names. */
export const reductions: Readonly<Record<string, OnnxRule>> = {
  Max: over("ReduceMax"),
  Mean: over("ReduceMean"),
  Min: over("ReduceMin"),
  Prod: over("ReduceProd"),
  Sum: over("ReduceSum"),
  MatMul: product("transpose_a", "transpose_b"),
  BatchMatMul: product("adj_x", "adj_y"),
  BatchMatMulV2: product("adj_x", "adj_y"),
  /** Along the last axis; one that was turned names another. */
  Softmax(node, onnx) {
    const axis = node.attr.axis?.i ?? -1;
    onnx.add("Softmax", [onnx.value(node.input[0])], { axis }, [node.name]);
  },
};
