/**
 * Operations that converters join into one, apart again.
 *
 * @module
 */
import type { Attribute, NodeDef } from "../graph/graph_def.ts";

const FUSED: Readonly<Record<string, string>> = {
  _FusedConv2D: "Conv2D",
  FusedDepthwiseConv2dNative: "DepthwiseConv2dNative",
  _FusedMatMul: "MatMul",
};

const decoder = new TextDecoder();

/**
 * The operations that a joined one stands for, in order; the last has its name. Of another one itself.
 *
 * @param node An operation
 */
export function unfused(node: NodeDef): NodeDef[] {
  const { name, input, attr } = node;
  if (!Object.hasOwn(FUSED, node.op)) return [node];
  const more = (attr.fused_ops?.list?.s ?? []).map((bytes) => decoder.decode(bytes));
  const parts = [FUSED[node.op], ...more];
  let [next, before] = [2, ""];
  return parts.map((op, index): NodeDef => {
    const own = index === parts.length - 1 ? name : `${name}/${op}`;
    const sources = index === 0
      ? input.slice(0, 2)
      : [before, ...input.slice(next, next += takes(op))];
    before = own;
    return { name: own, op, input: sources, attr: index === 0 ? attr : attributesOf(op, attr) };
  });
}

/** How many inputs an operation takes behind its first. */
function takes(op: string): number {
  if (op === "FusedBatchNorm") return 4;
  return op === "BiasAdd" || op === "Prelu" ? 1 : 0;
}

function attributesOf(op: string, attr: NodeDef["attr"]): Record<string, Attribute> {
  if (op === "LeakyRelu") return { alpha: attr.leakyrelu_alpha ?? { f: 0.2 } };
  if (op !== "FusedBatchNorm") return {};
  return { epsilon: attr.epsilon ?? { f: 1e-4 }, is_training: { b: 0 } };
}
