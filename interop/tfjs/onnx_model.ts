/**
 * TensorFlow's graphs as models that are run.
 *
 * @module
 */
import type { Graph } from "../graph/graph.ts";
import type { NodeDef } from "../graph/graph_def.ts";
import { REASON } from "../onnx/graph.ts";
import { modelOf, type OnnxModel } from "../onnx/model.ts";
import { textOf } from "../out/attributes.ts";
import type { OnnxBuilder } from "../out/onnx_builder.ts";
import { ONNX_OPSET, onnxGraph } from "../out/onnx_graph.ts";
import { readRules } from "./rules.ts";

/** What a file says besides the graph. */
export interface Facts {
  readonly origin: string;
  readonly producer: string;
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Makes a graph a model of ONNX's operators. An operation without any becomes a node that only `unsupportedNodes` tells
 * of: what does not depend on it can be run.
 *
 * @param graph From a graph model, or of layers
 * @param facts Named in errors, shown to people
 */
export async function onnxModel(graph: Graph, facts: Facts): Promise<Omit<OnnxModel, "digest">> {
  const { origin, producer, metadata } = facts;
  const message = onnxGraph(graph, (node, onnx) => {
    if (node.op === "Placeholder" || node.op === "Const") return;
    try {
      write(node, onnx);
    } catch (error) {
      const { cause, message } = error as Error;
      refuse(node, typeof cause === "string" ? cause : message, onnx);
    }
  });
  const file = { opsets: [{ version: ONNX_OPSET }], producer, graph: message };
  const model = await modelOf(file, { origin });
  const isTold = new Map(graph.outputs.map(({ name, shape }) => [name, shape.length > 0]));
  const outputs = model.outputs.map((info) =>
    isTold.get(info.name) ? info : { ...info, dims: undefined }
  );
  return { ...model, metadata, outputs, outputLayout: "nchw" };
}

function write(node: NodeDef, onnx: OnnxBuilder): void {
  if (!Object.hasOwn(readRules, node.op)) return refuse(node, "", onnx);
  const layout = textOf(node, "data_format");
  if (layout.startsWith("NC")) throw onnx.unlike(node, `its data_format is ${layout}`);
  readRules[node.op](node, onnx);
}

/** Writes a node down that cannot be run, with all results that others read. */
function refuse(node: NodeDef, reason: string, onnx: OnnxBuilder): void {
  const results = new Set([node.name]);
  for (const { input } of onnx.graph.nodes.values()) {
    for (const source of input) if (source.startsWith(`${node.name}:`)) results.add(source);
  }
  onnx.nodes.push({
    operator: node.op,
    domain: "tensorflow",
    name: node.name,
    inputs: node.input.map((input) => onnx.value(input)),
    outputs: [...results],
    attributes: reason ? [{ name: REASON, text: new TextEncoder().encode(reason), type: 3 }] : [],
  });
}
