/**
 * ONNX files that tests write themselves.
 *
 * @module
 */
import * as tf from "@realign/core/tf";
import { writeMessage } from "../wire/write.ts";
import { readOnnx } from "./model.ts";
import { prepareOnnx } from "./prepare.ts";
import { ONNX, type OnnxMessage } from "./schema.ts";

/** A number is a float, a list integers, a word a text. */
type AttributeValue =
  | number
  | { readonly int: number }
  | readonly number[]
  | string
  | OnnxMessage<"Tensor">;

/** A node: its operator, what it takes and gives, its attributes. */
export type WrittenNode = readonly [
  operator: string,
  inputs: string,
  outputs: string,
  attributes?: Readonly<Record<string, AttributeValue>>,
];

/** What a written model holds. */
export interface WrittenModel {
  /** Names of values are separated by a space; "-" stands for one that is not given. */
  readonly nodes: readonly WrittenNode[];
  readonly weights?: readonly OnnxMessage<"Tensor">[];
  /** Of the input "x". @default {["N", 3, 8, 8]} */
  readonly dims?: readonly (number | string)[];
  /** @default {"y"} */
  readonly outputs?: string;
  /** @default {17} */
  readonly opset?: number;
}

const names = (text: string) =>
  text.split(" ").filter(Boolean).map((name) => name === "-" ? "" : name);

/** Float32 numbers. */
export function floats(
  name: string,
  dims: readonly number[],
  data: ArrayLike<number>,
): OnnxMessage<"Tensor"> {
  return { name, dims, type: 1, raw: new Uint8Array(Float32Array.from(data).buffer) };
}

/** Int64 numbers, by default in one row. */
export function ints(
  name: string,
  data: readonly number[],
  dims: readonly number[] = [data.length],
): OnnxMessage<"Tensor"> {
  return { name, dims, type: 7, int64s: data };
}

function attribute([name, value]: [string, AttributeValue]): OnnxMessage<"Attribute"> {
  if (typeof value === "number") return { name, float: value, type: 1 };
  if (typeof value === "string") return { name, text: new TextEncoder().encode(value), type: 3 };
  if (Array.isArray(value)) return { name, ints: value as number[], type: 7 };
  if ("int" in value) return { name, int: value.int, type: 2 };
  return { name, tensor: value as OnnxMessage<"Tensor">, type: 4 };
}

/** Writes a model of one input "x". */
export function onnxFile(
  { nodes, weights = [], dims = ["N", 3, 8, 8], outputs = "y", opset = 17 }: WrittenModel,
): Uint8Array<ArrayBuffer> {
  const shape = { dims: dims.map((size) => typeof size === "number" ? { size } : { name: size }) };
  return writeMessage(ONNX, "Model", {
    irVersion: 8,
    producer: "test",
    opsets: [{ domain: "", version: opset }],
    graph: {
      nodes: nodes.map(([operator, inputs, outputs, attributes = {}], index) => ({
        operator,
        name: `${operator}_${index}`,
        inputs: names(inputs),
        outputs: names(outputs),
        attributes: Object.entries(attributes).map(attribute),
      })),
      initializers: weights,
      inputs: [{ name: "x", type: { tensor: { type: 1, shape } } }],
      outputs: names(outputs).map((name) => ({ name })),
    },
  });
}

/**
 * Runs a written model.
 *
 * @param model The model
 * @param images `[B, H, W, C]`
 * @returns Its outputs in order, axes in ONNX's order
 */
export async function runWritten(model: WrittenModel, images: tf.Tensor4D): Promise<tf.Tensor[]> {
  using prepared = prepareOnnx(await readOnnx(onnxFile(model), { origin: "test.onnx" }));
  return tf.tidy(() => [...prepared.run(images).values()]);
}
