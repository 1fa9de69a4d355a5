/**
 * Reductions and matrix products.
 *
 * @module
 */
import { flagOf } from "./attributes.ts";
import { pythonTuple } from "./python_text.ts";
import type { TorchRule } from "./torch_rule.ts";

/** Over axes, which are a constant. */
const over = (name: string): TorchRule => (node, torch) => {
  const axes = torch.integers(node, 1);
  // PyTorch takes no axis for all of them.
  if (axes.length === 0) return torch.alias(node);
  const keep = flagOf(node, "keep_dims") ? ", keepdim=True" : "";
  torch.assign(node, `${torch.tensor(node.input[0])}.${name}(dim=${pythonTuple(axes)}${keep})`);
};

/** Over one axis at a time, the last one first, so that the others keep their places. */
const overEach = (name: string): TorchRule => (node, torch) => {
  const rank = torch.shape(node.input[0]).length;
  const axes = torch.integers(node, 1).map((axis) => axis < 0 ? axis + rank : axis);
  if (axes.length === 0) return torch.alias(node);
  const keep = flagOf(node, "keep_dims") ? ", keepdim=True" : "";
  const calls = axes.toSorted((a, b) => b - a).map((axis) => `.${name}(dim=${axis}${keep})`);
  torch.assign(node, `${torch.tensor(node.input[0])}${calls.join("")}`);
};

/** A matrix product whose operands may be transposed, as two flags say. */
const product = (first: string, second: string): TorchRule => (node, torch) => {
  const operands = [first, second].map((flag, k) =>
    `${torch.tensor(node.input[k])}${flagOf(node, flag) ? ".mT" : ""}`
  );
  torch.assign(node, operands.join(" @ "));
};

/** Along the last axis. */
const last = (name: string): TorchRule => (node, torch) => {
  torch.assign(node, `${name}(${torch.tensor(node.input[0])}, dim=-1)`);
};

/** By TensorFlow's names. */
export const reductions: Readonly<Record<string, TorchRule>> = {
  All: overEach("all"),
  Any: overEach("any"),
  Max: over("amax"),
  Mean: over("mean"),
  Min: over("amin"),
  Prod: overEach("prod"),
  Sum: over("sum"),
  MatMul: product("transpose_a", "transpose_b"),
  BatchMatMul: product("adj_x", "adj_y"),
  BatchMatMulV2: product("adj_x", "adj_y"),
  LogSoftmax: last("torch.log_softmax"),
  Softmax: last("torch.softmax"),
};
