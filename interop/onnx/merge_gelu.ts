/**
 * Gelu as older exporters write it, of five operators, made one again.
 *
 * @module
 */
import type { HostArray } from "./host_array.ts";
import type { OnnxNode } from "./model.ts";

/** How far a constant may be off: exporters round them. */
const TOLERANCE = 1e-6;

/**
 * Replaces x / √2 -> Erf -> + 1 -> * x -> * 0.5, and the same with the last two in the other order, by Gelu.
 *
 * @param nodes In order
 * @param constants By name
 * @param wanted Names of values that must stay, besides those that nodes take
 * @returns Nodes that compute the same
 */
export function mergeGelu(
  nodes: readonly OnnxNode[],
  constants: ReadonlyMap<string, HostArray>,
  wanted: readonly string[],
): OnnxNode[] {
  const takers = Map.groupBy(
    nodes.flatMap((node) => node.inputs.map((name) => ({ name, node }))),
    ({ name }) => name,
  );
  const kept = new Set(wanted);
  /** The only node that takes a value which may go. */
  const next = (node: OnnxNode | undefined, operator: string): OnnxNode | undefined => {
    const [output] = node?.outputs ?? [];
    const found = takers.get(output) ?? [];
    const isOnly = found.length === 1 && !kept.has(output);
    return isOnly && found[0].node.operator === operator ? found[0].node : undefined;
  };
  const known = numbersOf(nodes, constants);
  const isNumber = (name: string, value: number) => {
    const found = known(name);
    return found !== undefined && Math.abs(found - value) < TOLERANCE;
  };
  /** The other operand of a node. */
  const other = (node: OnnxNode | undefined, taken: string | undefined): string =>
    node?.inputs.find((name) => name !== taken) ?? "";
  const merged = new Map<OnnxNode, OnnxNode>();
  const gone = new Set<OnnxNode>();
  for (const first of nodes) {
    const [x] = first.inputs;
    const isScaled = first.operator === "Div" && isNumber(first.inputs[1], Math.SQRT2) ||
      first.operator === "Mul" && isNumber(first.inputs[1], Math.SQRT1_2);
    if (!isScaled) continue;
    const erf = next(first, "Erf");
    const sum = next(erf, "Add");
    const product = next(sum, "Mul");
    const last = next(product, "Mul");
    if (!last || !isNumber(other(sum, erf!.outputs[0]), 1)) continue;
    const factors = [other(product, sum!.outputs[0]), other(last, product!.outputs[0])];
    const [at, half] = factors[0] === x ? [0, 1] : [1, 0];
    if (factors[at] !== x || !isNumber(factors[half], 0.5)) continue;
    merged.set(last, { ...last, operator: "Gelu", inputs: [x] });
    for (const node of [first, erf, sum, product]) gone.add(node!);
  }
  return nodes.filter((node) => !gone.has(node)).map((node) => merged.get(node) ?? node);
}

/** Single numbers that stand in the file, by name. */
function numbersOf(
  nodes: readonly OnnxNode[],
  constants: ReadonlyMap<string, HostArray>,
): (name: string) => number | undefined {
  const written = new Map(
    nodes.filter(({ operator }) => operator === "Constant")
      .map(({ outputs, attributes }) => [outputs[0], attributes.array("value")]),
  );
  return (name) => {
    const data = (constants.get(name) ?? written.get(name))?.data;
    return data?.length === 1 ? data[0] : undefined;
  };
}
