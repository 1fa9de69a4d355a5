/**
 * Graphs as ONNX models, opset 18.
 *
 * @module
 */
import type { Graph, Place } from "../graph/graph.ts";
import { unsupportedNodes } from "../onnx/graph.ts";
import { readOnnx } from "../onnx/model.ts";
import { prepareOnnx } from "../onnx/prepare.ts";
import { ONNX, type OnnxMessage, OnnxType, type OnnxTypeName } from "../onnx/schema.ts";
import { writeMessage } from "../wire/mod.ts";
import { checkOnnx } from "./check_onnx.ts";
import { type ModelFormat, textsOf } from "./format.ts";
import { OnnxBuilder } from "./onnx_builder.ts";
import { onnxRules } from "./onnx_rules.ts";

const FILE = "model.onnx";
const OPSET = 18;
/** The version of the file format that came with the opset. */
const IR_VERSION = 8;

/** One file, `model.onnx`. A free batch size is the dimension "batch". */
export const onnx: ModelFormat = {
  title: "ONNX",
  has: (op) => op === "Placeholder" || op === "Const" || Object.hasOwn(onnxRules, op),
  write(graph, metadata) {
    const bytes = writeMessage(ONNX, "Model", {
      irVersion: IR_VERSION,
      producer: "realign",
      opsets: [{ version: OPSET }],
      metadata: Object.entries(textsOf(metadata)).map(([key, value]) => ({ key, value })),
      graph: onnxGraph(graph),
    });
    return new Map([[FILE, bytes]]);
  },
  async open(files) {
    const bytes = files.get(FILE)!;
    checkOnnx(bytes);
    const model = await readOnnx(bytes, { origin: FILE });
    if (unsupportedNodes(model).length > 0) return undefined;
    // "nhwc" gives the model its images as they are: in the layout in which it was written, whichever that is.
    return prepareOnnx(model, { layout: "nhwc" });
  },
};

function onnxGraph(graph: Graph): OnnxMessage<"Graph"> {
  const builder = new OnnxBuilder(graph);
  for (const node of graph.nodes.values()) {
    if (Object.hasOwn(onnxRules, node.op)) onnxRules[node.op](node, builder);
  }
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
