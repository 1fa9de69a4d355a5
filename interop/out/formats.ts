/**
 * The formats that graphs are written in.
 *
 * @module
 */
import type { Graph } from "../graph/graph.ts";
import type { Metadata, ModelFiles, ModelFormat, OpenedModel } from "./format.ts";
import { onnx } from "./onnx.ts";
import { tensorflow } from "./tensorflow.ts";
import { tfjs } from "./tfjs.ts";
import { torch } from "./torch.ts";

/** By the name that the command line has for them. */
export const modelFormats = { onnx, tfjs, tensorflow, torch } satisfies Record<string, ModelFormat>;

/** A format's name. */
export type ModelFormatName = keyof typeof modelFormats;

/**
 * Writes a graph in a format.
 *
 * @param graph The graph
 * @param format The format's name
 * @param metadata What the files are to say of the model
 * @returns Files by name
 * @throws {Error} One line that names every operation which the format lacks
 *
 * @example Usage
 * ```ts
 * import { freezeGraph, selectBackend } from "@realign/core/backend";
 * import { readGraph, writeModel } from "@realign/interop";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * const { name } = await selectBackend("auto");
 * if (name === "tensorflow") {
 *   const double = ({ x }: tf.NamedTensorMap) => ({ y: tf.mul(x, 2) });
 *   const graph = readGraph(freezeGraph(double, { x: tf.zeros([2, 3]) }));
 *   assert.deepEqual([...writeModel(graph, "tfjs").keys()], ["weights.bin", "model.json"]);
 * }
 * ```
 */
export function writeModel(
  graph: Graph,
  format: ModelFormatName,
  metadata: Metadata = {},
): ModelFiles {
  const { title, has, write }: ModelFormat = modelFormats[format];
  const operations = new Set([...graph.nodes.values()].map(({ op }) => op));
  const missing = [...operations].filter((op) => !has(op)).sort();
  if (missing.length > 0) {
    const others = Object.entries(modelFormats).filter(([, one]) => missing.every(one.has));
    throw new Error(
      `Cannot write the graph as ${title} as it has nothing for ${missing.join(", ")}: choose ${
        others.map(([name]) => name).join(" or ")
      }`,
    );
  }
  return write(graph, metadata);
}

/**
 * Reads a written model back, to run it.
 *
 * @param files From {@linkcode writeModel}
 * @param format The format's name
 * @returns The model, to be disposed; undefined where it has operations that nothing here runs, and its structure was
 * checked alone
 * @throws {Error} If the files are not well formed
 *
 * @example Usage
 * ```ts
 * import { selectBackend } from "@realign/core/backend";
 * import { freezeFunction, openModel, writeModel } from "@realign/interop";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * const { name } = await selectBackend("auto");
 * if (name === "tensorflow") {
 *   const double = (images: tf.Tensor4D) => ({ doubled: tf.mul(images, 2) });
 *   const { graph } = freezeFunction(double, { size: [1, 1] });
 *   for (const format of ["tfjs", "onnx"] as const) {
 *     using model = await openModel(writeModel(graph, format), format);
 *     const outputs = model!.run(tf.tensor4d([1, 2, 3], [1, 1, 1, 3]));
 *     assert.deepEqual([...outputs.get("doubled")!.dataSync()], [2, 4, 6]);
 *   }
 * }
 * ```
 */
export async function openModel(
  files: ModelFiles,
  format: ModelFormatName,
): Promise<OpenedModel | undefined> {
  return await modelFormats[format].open(files);
}
