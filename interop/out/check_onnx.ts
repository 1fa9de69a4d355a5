/**
 * A look at the structure of a written ONNX model, by what the file says alone.
 *
 * @module
 */
import { ONNX, type OnnxMessage } from "../onnx/schema.ts";
import { kindOf, readTensor } from "../onnx/tensor.ts";
import { readMessage } from "../wire/mod.ts";

/**
 * Reads an ONNX model and fails unless it is well formed: one opset, every value made once and before it is read,
 * constants as long as their shapes say, outputs that are made.
 *
 * @param bytes The file
 * @returns The model
 * @throws {Error} One line that names the value at fault
 *
 * @example Usage
 * ```ts
 * import { checkOnnx } from "@realign/interop";
 * import assert from "node:assert/strict";
 *
 * assert.throws(() => checkOnnx(Uint8Array.of(58, 9)), /cut off/);
 * ```
 */
export function checkOnnx(bytes: Uint8Array): OnnxMessage<"Model"> {
  const model = readMessage(ONNX, "Model", bytes, "the ONNX model");
  const { opsets = [], graph = {} } = model;
  if (opsets.length !== 1 || (opsets[0].domain ?? "") !== "") throw fault("it must have one opset");
  const made = new Set<string>();
  const make = (name: string) => {
    if (made.has(name)) throw fault(`${name} is made twice`);
    made.add(name);
  };
  for (const tensor of graph.initializers ?? []) {
    const { name = "" } = tensor;
    make(name);
    try {
      readTensor(tensor);
    } catch (error) {
      throw fault(`${name} ${(error as Error).message}`);
    }
  }
  for (const { name = "" } of graph.inputs ?? []) make(name);
  for (const { operator, name, inputs = [], outputs = [] } of graph.nodes ?? []) {
    const missing = inputs.find((value) => value !== "" && !made.has(value));
    if (missing !== undefined) {
      throw fault(`${name} (${operator}) reads ${missing}, which is not made`);
    }
    outputs.forEach(make);
  }
  for (const { name = "", type } of graph.outputs ?? []) {
    if (!made.has(name)) throw fault(`its output ${name} is not made`);
    if (!kindOf(type?.tensor?.type ?? 0)) throw fault(`its output ${name} has an unknown type`);
  }
  return model;
}

function fault(reason: string): Error {
  return new Error(`Cannot use the ONNX model as ${reason}`);
}
