/**
 * Graphs as modules of PyTorch: a file of Python and its weights.
 *
 * @module
 */
import { formatSafetensors, parseSafetensors } from "@realign/core";
import type { Graph } from "../graph/graph.ts";
import { type ModelFormat, textsOf } from "./format.ts";
import { TorchBuilder } from "./torch_builder.ts";
import { moduleText } from "./torch_module.ts";
import { torchRules } from "./torch_rules.ts";

/** The module, and the weights that it looks for beside itself. */
const [MODULE, WEIGHTS] = ["realign_model.py", "realign_model.safetensors"];

/** Two files, `realign_model.py` and `realign_model.safetensors`. It needs `torch` alone. */
export const torch: ModelFormat = {
  title: "PyTorch",
  has: (op) => op === "Placeholder" || op === "Const" || Object.hasOwn(torchRules, op),
  write(graph, metadata) {
    const builder = buildModule(graph);
    // Wide numbers first, so that each begins at an address that its size divides.
    const weights = [...builder.weights]
      .map(([name, { shape, values }]) => [name, { shape, data: values }] as const)
      .sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
    return new Map([
      [MODULE, new TextEncoder().encode(moduleText(builder, WEIGHTS, metadata))],
      [WEIGHTS, formatSafetensors(new Map(weights), textsOf(metadata))],
    ]);
  },
  /** Nothing here runs Python: checks that the weights are whole, and those that the module asks for. */
  open(files) {
    const { tensors } = parseSafetensors(files.get(WEIGHTS)!, WEIGHTS);
    const text = new TextDecoder().decode(files.get(MODULE)!);
    const asked = Array.from(
      text.matchAll(/^ {8}self\.(?:register_buffer\(")?((?:weight|constant|table)_\d+)\b/gm),
      ([, name]) => name,
    );
    if (String(asked.toSorted()) !== String([...tensors.keys()].toSorted())) {
      return Promise.reject(
        new Error(`Cannot use ${MODULE} as it asks for other weights than ${WEIGHTS} has`),
      );
    }
    return Promise.resolve(undefined);
  },
};

function buildModule(graph: Graph): TorchBuilder {
  const builder = new TorchBuilder(graph);
  for (const node of graph.nodes.values()) {
    if (Object.hasOwn(torchRules, node.op)) torchRules[node.op](node, builder);
  }
  return builder;
}
