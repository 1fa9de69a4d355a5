/**
 * The formats that graphs are written in.
 *
 * @module
 */
import type * as tf from "@realign/core/tf";
import type { Graph } from "../graph/graph.ts";
import type { Metadata, ModelFiles, ModelFormat } from "./format.ts";
import { onnx } from "./onnx.ts";
import { tensorflow } from "./tensorflow.ts";
import { tfjs } from "./tfjs.ts";

/** By the name that the command line has for them. */
export const modelFormats = { onnx, tfjs, tensorflow } satisfies Record<string, ModelFormat>;

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
 * Reads a written model back. Its forward pass runs on every backend; its gradient must not be taken on the tensorflow
 * backend, where that can end the process.
 *
 * @param files From {@linkcode writeModel}
 * @param format The format's name
 * @returns The model, to be disposed; undefined where nothing here runs the format, and its structure was checked alone
 * @throws {Error} If the files are not well formed
 *
 * @example Usage
 * ```ts
 * import { freezeGraph, selectBackend } from "@realign/core/backend";
 * import { openModel, readGraph, writeModel } from "@realign/interop";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * const { name } = await selectBackend("auto");
 * if (name === "tensorflow") {
 *   const double = ({ x }: tf.NamedTensorMap) => ({ y: tf.mul(x, 2) });
 *   const graph = readGraph(freezeGraph(double, { x: tf.zeros([2]) }));
 *   const model = await openModel(writeModel(graph, "tfjs"), "tfjs");
 *   const y = model!.execute({ x: tf.tensor1d([1, 2]) }, "y") as tf.Tensor;
 *   assert.deepEqual([...y.dataSync()], [2, 4]);
 * }
 * ```
 */
export async function openModel(
  files: ModelFiles,
  format: ModelFormatName,
): Promise<tf.GraphModel | undefined> {
  return await modelFormats[format].open(files);
}
