/**
 * Reads a model's file, whichever program wrote it.
 *
 * @module
 */
import { type OnnxModel, readOnnx, type ReadOnnxOptions } from "./onnx/model.ts";
import { readTfjs } from "./tfjs/read_tfjs.ts";

/** White space, and the mark of UTF-8. */
const BLANKS: readonly number[] = [0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf];
const BRACE = "{".charCodeAt(0);

/**
 * Reads a model as ONNX or TensorFlow.js write it; which of them is told by its content. Nothing of it is run.
 *
 * @param bytes The whole file: an ONNX model, or the `model.json` of a graph model or a layers model
 * @param options Name for errors, files beside it
 * @returns Its graph and weights, for `prepareOnnx`
 * @throws {Error} As {@linkcode readOnnx} and {@linkcode readTfjs}
 *
 * @example Usage
 * ```ts
 * import { ONNX, readModel } from "@realign/interop";
 * import { writeMessage } from "@realign/interop/wire";
 * import assert from "node:assert/strict";
 *
 * const bytes = writeMessage(ONNX, "Model", {
 *   opsets: [{ version: 17 }],
 *   graph: {
 *     nodes: [{ operator: "Relu", inputs: ["x"], outputs: ["y"] }],
 *     inputs: [{ name: "x" }],
 *     outputs: [{ name: "y" }],
 *   },
 * });
 * const { outputs } = await readModel(bytes, { origin: "relu.onnx" });
 * assert.equal(outputs[0].name, "y");
 * await assert.rejects(
 *   readModel(new TextEncoder().encode("{}"), { origin: "model.json" }),
 *   /Cannot read model.json as it is no TensorFlow.js model/,
 * );
 * ```
 */
export async function readModel(
  bytes: Uint8Array,
  options: ReadOnnxOptions = {},
): Promise<OnnxModel> {
  return isJson(bytes) ? await readTfjs(bytes, options) : await readOnnx(bytes, options);
}

/** Whether a file is a JSON object: its first letter is a brace, with which no ONNX model begins. */
function isJson(bytes: Uint8Array): boolean {
  return bytes.find((byte) => !BLANKS.includes(byte)) === BRACE;
}
