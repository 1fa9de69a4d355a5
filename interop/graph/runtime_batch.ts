/**
 * Lists that begin with the batch size, read off the images when the graph runs: for systems whose operations do not take
 * -1 for it.
 *
 * @module
 */
import { constantNode, constantOf, integersNode } from "./constant.ts";
import { type Graph, orderedNodes, resultOf } from "./graph.ts";
import { DataType, type NodeDef } from "./graph_def.ts";

/** Operations that want the batch size as a number, and as which input. */
const WANTED: Readonly<Record<string, number>> = { Conv2DBackpropInput: 0, Tile: 1 };

const float = { type: DataType.float };
const int32 = { type: DataType.int32 };

/** The list of integers that begins with a free batch size, if an operation reads one that must not. */
export function listWithBatch(graph: Graph, node: NodeDef): readonly number[] | undefined {
  const input = WANTED[node.op];
  const constant = input === undefined
    ? undefined
    : constantOf(graph.nodes.get(resultOf(node.input[input]).node));
  const values = constant && Array.from(constant.values, Number);
  return values?.[0] === -1 ? values : undefined;
}

/**
 * Replaces a leading -1 by the size of the images' first side, where operations do not take it.
 *
 * @param graph A graph, perhaps of a free batch size
 * @returns The same function
 */
export function withRuntimeBatch(graph: Graph): Graph {
  const nodes = new Map(graph.nodes);
  const add = (node: NodeDef): string => {
    nodes.set(node.name, node);
    return node.name;
  };
  for (const node of graph.nodes.values()) {
    const list = listWithBatch(graph, node);
    if (!list) continue;
    const [zero, one] = [0, 1].map((value) => add(integersNode(`batch/${value}`, [value])));
    const [{ node: images }] = graph.inputs;
    const shape = { T: float, out_type: int32 };
    add({ name: "batch/shape", op: "Shape", input: [images], attr: shape });
    const part = { T: int32, Index: int32 };
    add({ name: "batch/size", op: "Slice", input: ["batch/shape", zero, one], attr: part });
    const rest = add(integersNode(`${node.name}/rest`, list.slice(1)));
    const scalar = { shape: [], dtype: "int32", values: Int32Array.of(0) } as const;
    const axis = add(constantNode("batch/axis", scalar));
    const joined = add({
      name: `${node.name}/sizes`,
      op: "ConcatV2",
      input: ["batch/size", rest, axis],
      attr: { T: int32, Tidx: int32, N: { i: 2 } },
    });
    nodes.set(node.name, { ...node, input: node.input.with(WANTED[node.op], joined) });
  }
  return { ...graph, nodes: orderedNodes(nodes, graph.inputs, graph.outputs) };
}
