/**
 * Graphs in ONNX's operators.
 *
 * @module
 */
import type { Graph, Place } from "../graph/graph.ts";
import { type OnnxMessage, OnnxType, type OnnxTypeName } from "../onnx/schema.ts";
import { OnnxBuilder } from "./onnx_builder.ts";
import type { OnnxRule } from "./onnx_rule.ts";

/** The version of the operators that rules write. */
export const ONNX_OPSET = 18;

/**
 * Writes a graph.
 *
 * @param graph The graph
 * @param write Called for each node, in order
 */
export function onnxGraph(graph: Graph, write: OnnxRule): OnnxMessage<"Graph"> {
  const builder = new OnnxBuilder(graph);
  for (const node of graph.nodes.values()) write(node, builder);
  for (const { name, node } of graph.outputs) {
    if (name !== node) builder.add("Identity", [node], {}, [name]);
  }
  return {
    name: "realign",
    nodes: builder.nodes,
    initializers: builder.initializers,
    inputs: graph.inputs.map((place) => valueOf({ ...place, name: place.node })),
    outputs: graph.outputs.map(valueOf),
  };
}

function valueOf({ name, shape, dtype }: Place): OnnxMessage<"ValueInfo"> {
  const dims = shape.map((size, axis) =>
    size >= 0 ? { size } : { name: axis === 0 ? "batch" : `free_${axis}` }
  );
  return { name, type: { tensor: { type: OnnxType[dtype as OnnxTypeName], shape: { dims } } } };
}
