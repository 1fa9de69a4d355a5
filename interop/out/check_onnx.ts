/**
 * A look at the structure of a written ONNX model, by what the file says alone.
 *
 * @module
 */
import { readMessage } from "../graph/wire.ts";
import { ONNX, type OnnxModel, type OnnxTensor, OnnxType } from "./onnx_schema.ts";

const BYTES: Readonly<Record<number, number>> = {
  [OnnxType.float32]: 4,
  [OnnxType.int32]: 4,
  [OnnxType.int64]: 8,
  [OnnxType.bool]: 1,
};

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
export function checkOnnx(bytes: Uint8Array): OnnxModel {
  const model = readMessage<OnnxModel>(ONNX, "Model", bytes);
  const { opsets, graph: { nodes, initializers, inputs, outputs } } = model;
  if (opsets.length !== 1 || (opsets[0].domain ?? "") !== "") throw fault("it must have one opset");
  const made = new Set<string>();
  const make = (name: string) => {
    if (made.has(name)) throw fault(`${name} is made twice`);
    made.add(name);
  };
  for (const tensor of initializers) {
    make(tensor.name);
    if (tensor.raw.length !== lengthOf(tensor)) {
      throw fault(`${tensor.name} of [${tensor.dims}] has ${tensor.raw.length} bytes`);
    }
  }
  for (const { name } of inputs) make(name);
  for (const { op, name, inputs: read, outputs: written } of nodes) {
    const missing = read.find((value) => value !== "" && !made.has(value));
    if (missing !== undefined) throw fault(`${name} (${op}) reads ${missing}, which is not made`);
    written.forEach(make);
  }
  for (const { name, type: { tensor } } of outputs) {
    if (!made.has(name)) throw fault(`its output ${name} is not made`);
    if (!BYTES[tensor.type]) throw fault(`its output ${name} has an unknown type`);
  }
  return model;
}

function lengthOf({ dims, type }: OnnxTensor): number {
  return dims.reduce((product, side) => product * side, BYTES[type]);
}

function fault(reason: string): Error {
  return new Error(`Cannot use the ONNX model as ${reason}`);
}
