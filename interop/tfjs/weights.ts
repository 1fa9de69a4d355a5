/**
 * Weights of TensorFlow.js models: a manifest in `model.json`, and shards of numbers beside it.
 *
 * @module
 */
import { decodeNumbers } from "@realign/core";
import type { Constant } from "../graph/constant.ts";
import { oneLine, type ReadOnnxOptions } from "../onnx/model.ts";
import { isBeside } from "../onnx/tensor.ts";
import { type Json, listOf, objectOf, textOf } from "./json.ts";

/** Bytes of a number as it lies in a shard. */
const BYTES: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  float16: 2,
  uint8: 1,
  uint16: 2,
};

/** What weights may be of. */
const TYPES: readonly string[] = ["float32", "int32", "bool"];

/**
 * Reads all weights.
 *
 * @param manifest Of `model.json`
 * @param readBeside Reads a shard
 * @returns By name; quantised ones as the numbers that they stand for
 * @throws {Error} If shards are missing or of another length, or a weight is of another type; the message goes on from
 * "Cannot read the model as"
 */
export async function readWeights(
  manifest: unknown,
  readBeside: ReadOnnxOptions["readBeside"],
): Promise<Map<string, Constant>> {
  const weights = new Map<string, Constant>();
  for (const group of listOf(manifest).map(objectOf)) {
    const entries = listOf(group.weights).map(objectOf);
    const lengths = entries.map(lengthOf);
    const wanted = lengths.reduce((sum, length) => sum + length, 0);
    const bytes = await readShards(listOf(group.paths).map(textOf), readBeside);
    if (bytes.length !== wanted) {
      throw new Error(`its weights must have ${wanted} bytes: its shards hold ${bytes.length}`);
    }
    let offset = 0;
    entries.forEach((entry, index) => {
      const own = bytes.slice(offset, offset += lengths[index]);
      weights.set(textOf(entry.name), { ...formOf(entry), values: valuesOf(entry, own) });
    });
  }
  return weights;
}

function formOf({ name, shape, dtype }: Json): Pick<Constant, "shape" | "dtype"> {
  const sizes = listOf(shape).map(Number);
  if (!sizes.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new Error(`its weight "${nameOf(name)}" must have a shape of whole numbers`);
  }
  if (!TYPES.includes(textOf(dtype))) {
    throw new Error(
      `its weight "${nameOf(name)}" must be of ${TYPES.join(", ")}: it is of ${nameOf(dtype)}`,
    );
  }
  return { shape: sizes, dtype: dtype as Constant["dtype"] };
}

/** The type of the numbers in the shard. */
function storedOf({ name, dtype, quantization }: Json): string {
  if (quantization === undefined) return textOf(dtype);
  const stored = textOf(objectOf(quantization).dtype);
  if (["float16", "uint8", "uint16"].includes(stored)) return stored;
  throw new Error(
    `its weight "${nameOf(name)}" must be quantised to float16, uint8 or uint16: it is to ${
      nameOf(stored)
    }`,
  );
}

function lengthOf(entry: Json): number {
  const count = formOf(entry).shape.reduce((product, size) => product * size, 1);
  return count * BYTES[storedOf(entry)];
}

function valuesOf(entry: Json, bytes: Uint8Array<ArrayBuffer>): Constant["values"] {
  const { scale = 1, min = 0 } = objectOf(entry.quantization);
  const isFloat = entry.dtype === "float32";
  const wide = (levels: Uint8Array | Uint16Array) =>
    Float32Array.from(levels, (level) => level * Number(scale) + Number(min));
  const restored = (values: Float32Array) =>
    isFloat ? values : Int32Array.from(values, (value) => Math.round(value));
  switch (storedOf(entry)) {
    case "float16":
      return restored(decodeNumbers("F16", bytes));
    case "uint8":
      return restored(wide(bytes));
    case "uint16":
      return restored(wide(new Uint16Array(bytes.buffer)));
    case "int32":
      return new Int32Array(bytes.buffer);
    case "bool":
      return bytes;
    default:
      return decodeNumbers("F32", bytes);
  }
}

async function readShards(
  paths: readonly string[],
  readBeside: ReadOnnxOptions["readBeside"],
): Promise<Uint8Array<ArrayBuffer>> {
  const shards: Uint8Array[] = [];
  for (const path of paths) {
    if (!isBeside(path)) {
      throw new Error(`its weights must lie in the model's folder: they are in "${nameOf(path)}"`);
    }
    if (!readBeside) {
      throw new Error(
        `its weights lie in ${nameOf(path)}, which is not there: put it beside the model`,
      );
    }
    try {
      shards.push(await readBeside(path));
    } catch (error) {
      const { message } = error as Error;
      if (message.startsWith("Cannot ")) throw error;
      throw new Error(`its shard "${nameOf(path)}" ${message}`, { cause: error });
    }
  }
  const bytes = new Uint8Array(shards.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const shard of shards) {
    bytes.set(shard, offset);
    offset += shard.length;
  }
  return bytes;
}

function nameOf(text: unknown): string {
  return oneLine(String(text));
}
