/**
 * Reads models of TensorFlow.js.
 *
 * @module
 */
import { FilesBeside } from "../onnx/files_beside.ts";
import { oneLine, type OnnxModel, type ReadOnnxOptions } from "../onnx/model.ts";
import { textsOf } from "../out/format.ts";
import { graphModel } from "./graph_model.ts";
import { isObject, type Json, listOf, objectOf, textOf } from "./json.ts";
import { layersModel } from "./layers_model.ts";
import { onnxModel } from "./onnx_model.ts";
import { readWeights } from "./weights.ts";

/**
 * Reads a TensorFlow.js model, a graph model or a layers model, as a model of ONNX's operators. Nothing of it is run.
 * It takes images `[B, H, W, 3]` as the file says; its maps `[B, H, W, C]` come out as `[B, C, H, W]`.
 *
 * @param bytes The whole `model.json`, whoever wrote it
 * @param options Name for errors, files beside it: the shards of weights
 * @returns Its graph and weights. Operations that are not here are for `unsupportedNodes` to tell
 * @throws {Error} If it is damaged, has layers that are not here, or its shards are missing or short; the message is one
 * line
 *
 * @example Usage
 * ```ts
 * import { prepareOnnx, readTfjs } from "@realign/interop";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const modelJson = {
 *   modelTopology: {
 *     class_name: "Sequential",
 *     config: {
 *       layers: [
 *         { class_name: "InputLayer", config: { name: "images", batch_input_shape: [null, 4, 4, 3] } },
 *         { class_name: "GlobalAveragePooling2D", config: { name: "means" } },
 *       ],
 *     },
 *   },
 *   weightsManifest: [],
 * };
 * const bytes = new TextEncoder().encode(JSON.stringify(modelJson));
 * using means = prepareOnnx(await readTfjs(bytes, { origin: "model.json" }));
 * assert.deepEqual(means.run(tf.ones([2, 4, 4, 3])).get("means")!.shape, [2, 3]);
 * ```
 */
export async function readTfjs(
  bytes: Uint8Array,
  { origin = "the model", readBeside }: ReadOnnxOptions = {},
): Promise<OnnxModel> {
  try {
    const file = parse(bytes);
    const topology = objectOf(file.modelTopology);
    const isGraph = Array.isArray(topology.node);
    if (!isGraph && !isLayers(topology)) {
      throw new Error("it is no TensorFlow.js model: it has no graph or layers");
    }
    const beside = new FilesBeside(readBeside);
    const weights = await readWeights(file.weightsManifest, beside.read);
    const graph = isGraph ? graphModel(file, weights) : layersModel(topology, weights);
    const facts = { origin, producer: producerOf(file, isGraph), metadata: metadataOf(file) };
    const model = await onnxModel(graph, facts);
    return { ...model, digest: await beside.digestWith(bytes) };
  } catch (error) {
    const reason = oneLineOf(error);
    if (reason.startsWith("Cannot ")) throw error;
    throw new Error(`Cannot read ${origin} as ${reason}`, { cause: error });
  }
}

function parse(bytes: Uint8Array): Json {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new Error(`it is no JSON: ${oneLineOf(error)}`);
  }
  if (isObject(value)) return value;
  throw new Error("it is no TensorFlow.js model: its JSON is no object");
}

function oneLineOf(error: unknown): string {
  return error instanceof Error ? error.message.replaceAll(/\s+/g, " ") : String(error);
}

/** Whether a topology is Keras's. */
function isLayers(topology: Json): boolean {
  const model = objectOf(topology.model_config ?? topology);
  return textOf(model.class_name) !== "" &&
    listOf(model.config).length + Object.keys(objectOf(model.config)).length > 0;
}

function producerOf({ generatedBy, convertedBy }: Json, isGraph: boolean): string {
  const kind = `TensorFlow.js ${isGraph ? "graph" : "layers"} model`;
  const names = [generatedBy, convertedBy].map(textOf).filter(Boolean).map(oneLine);
  return [kind, ...names].join(", ");
}

function metadataOf({ userDefinedMetadata }: Json): Map<string, string> {
  const { signature: _, ...rest } = objectOf(userDefinedMetadata);
  return new Map(Object.entries(textsOf(rest)));
}
