/**
 * The graph of a page's function, for TensorFlow.js.
 *
 * @module
 */
import { freezeGraph } from "@realign/core/backend";
import * as tf from "@realign/core/tf";
import {
  type Graph,
  type ModelFiles,
  modelFormats,
  type OpenedModel,
  readGraph,
} from "@realign/interop";
import { GRADIENT_OPERATIONS, SHAPED_OPERATIONS } from "./browser/gradient_operations.ts";
import { type GraphFiles, loadGraph } from "./browser/network.ts";

/**
 * Records a page's function.
 *
 * @param compute From `pageFunction`
 * @param inputs Of the shapes that it is to have
 * @throws {Error} If it cannot be recorded, or has an operation that a page lacks
 */
export function freezePage(
  compute: (inputs: tf.NamedTensorMap) => tf.NamedTensorMap,
  inputs: tf.NamedTensorMap,
): Graph {
  const graph = readGraph(freezeGraph(compute, inputs, { name: "the page" }));
  const missing = new Set([...graph.nodes.values()].map(({ op }) => op))
    .difference(new Set<string>(GRADIENT_OPERATIONS));
  const lacking = [...missing].filter((op) => !modelFormats.tfjs.has(op)).sort();
  if (lacking.length > 0) {
    throw new Error(
      `Cannot export the run as a page as browsers have nothing for ${
        lacking.join(", ")
      }: export it with --format onnx, tfjs or tensorflow`,
    );
  }
  return graph;
}

/** Writes it as `model.json` and `weights.bin`. */
export function writePageGraph(graph: Graph): ModelFiles {
  const nodes = new Map([...graph.nodes].map(([name, node]) => {
    if (!SHAPED_OPERATIONS.includes(node.op)) return [name, node];
    const inputShape = { list: { i: [...graph.shapes.get(name)![0]] } };
    return [name, { ...node, attr: { ...node.attr, inputShape } }];
  }));
  return modelFormats.tfjs.write({ ...graph, nodes }, {});
}

/** Opens what was written, by the page's own code; what is attacked is compared with `reference`, an output. */
export async function openPageGraph(files: ModelFiles, reference: string): Promise<OpenedModel> {
  const model: GraphFiles["model"] = JSON.parse(new TextDecoder().decode(files.get("model.json")));
  const graph = await loadGraph(tf, { model, weights: files.get("weights.bin")!.buffer });
  const names = Object.keys(model.signature.outputs);
  return {
    run(images) {
      const clean = graph.execute({ images }, reference) as tf.Tensor;
      const results = [graph.execute({ images, reference: clean }, names)].flat();
      return new Map(names.map((name, k) => [name, results[k]]));
    },
    [Symbol.dispose]: () => graph.dispose(),
  };
}
