/**
 * Graphs as ONNX models, opset 18.
 *
 * @module
 */
import { unsupportedNodes } from "../onnx/graph.ts";
import { readOnnx } from "../onnx/model.ts";
import { prepareOnnx } from "../onnx/prepare.ts";
import { ONNX } from "../onnx/schema.ts";
import { writeMessage } from "../wire/mod.ts";
import { checkOnnx } from "./check_onnx.ts";
import { type ModelFormat, textsOf } from "./format.ts";
import { ONNX_OPSET, onnxGraph } from "./onnx_graph.ts";
import { onnxRules } from "./onnx_rules.ts";

const FILE = "model.onnx";
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
      opsets: [{ version: ONNX_OPSET }],
      metadata: Object.entries(textsOf(metadata)).map(([key, value]) => ({ key, value })),
      graph: onnxGraph(graph, (node, builder) => {
        if (Object.hasOwn(onnxRules, node.op)) onnxRules[node.op](node, builder);
      }),
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
