/**
 * What of a model is what, guessed from its graph.
 *
 * @module
 */
import { nodesFor, outputNames } from "./graph.ts";
import type { OnnxModel, OnnxNode } from "./model.ts";
import { type ImageLayout, layoutOf } from "./prepare.ts";

/** Which values of a model stand for what. */
export interface SuggestedAdapter {
  /** The output that is a classifier's or a segmenter's logits, or what the softmax takes that ends it. */
  readonly logits: string;
  /** The output that a softmax ends: probabilities, whose gradients vanish where a model is sure. Absent if none does. */
  readonly probabilities?: string;
  /** The value that the last layer with weights takes: the features. Absent if no layer has weights. */
  readonly features?: string;
  /** K, by that layer's weights. */
  readonly classes?: number;
  /** D, the length of a feature vector, by that layer's weights. */
  readonly featureLength?: number;
  /** Names of the classes, where the file's metadata have them as a list. */
  readonly classNames?: readonly string[];
  readonly layout: ImageLayout;
  /** Height and width of the images, where the file says them. */
  readonly size?: readonly [number, number];
}

/**
 * Suggests how a model is used as a target: the logits are the output that is called so, or else the first one of a
 * vector an image, or else the first, before the softmax that may end it; the features are what the last layer with
 * weights (Gemm, MatMul or Conv) before them takes.
 *
 * @param model The model
 * @param logits Of a model where they are known
 * @returns The names of its values, and what their shapes say
 *
 * @example Usage
 * ```ts
 * import { ONNX, readOnnx, suggestAdapter } from "@realign/interop";
 * import { writeMessage } from "@realign/interop/wire";
 * import assert from "node:assert/strict";
 *
 * const weight = { name: "w", dims: [3, 10], type: 1, floats: Array(30).fill(0) };
 * const bytes = writeMessage(ONNX, "Model", {
 *   opsets: [{ version: 17 }],
 *   graph: {
 *     nodes: [
 *       { operator: "ReduceMean", inputs: ["x"], outputs: ["pooled"] },
 *       { operator: "MatMul", inputs: ["pooled", "w"], outputs: ["y"] },
 *     ],
 *     initializers: [weight],
 *     inputs: [{ name: "x" }],
 *     outputs: [{ name: "y" }],
 *   },
 * });
 * const { logits, features, classes } = suggestAdapter(await readOnnx(bytes));
 * assert.deepEqual([logits, features, classes], ["y", "pooled", 10]);
 * ```
 */
export function suggestAdapter(
  model: OnnxModel,
  logits: string = logitsOf(model),
): SuggestedAdapter {
  const output = outputOf(model);
  const last = nodesFor(model, [logits]).findLast((node) => shapeOf(node, model) !== undefined);
  const [input] = model.inputs;
  const size = imageSizeOf(model);
  const classNames = classNamesOf(model);
  return {
    logits,
    ...(logits === beforeSoftmax(model, output) && { probabilities: output }),
    ...(classNames && { classNames }),
    ...(last && { features: last.inputs[0], ...shapeOf(last, model) }),
    layout: input ? layoutOf(input) : "nchw",
    ...(size && { size }),
  };
}

/** The output that is called so, or the first of a vector an image, or the first; what a softmax at its end takes. */
function logitsOf(model: OnnxModel): string {
  const output = outputOf(model);
  return beforeSoftmax(model, output) ?? output;
}

/** What a softmax takes whose result a value is, as it is or renamed; undefined for other values. */
function beforeSoftmax({ nodes }: OnnxModel, value: string): string | undefined {
  let node = nodes.find(({ outputs }) => outputs.includes(value));
  while (node?.operator === "Identity") {
    const [source] = node.inputs;
    node = nodes.find(({ outputs }) => outputs.includes(source));
  }
  return node?.operator === "Softmax" ? node.inputs[0] : undefined;
}

/** What metadata call names of classes; those that Realign exports are called `classNames`. */
const NAMES = ["classNames", "class_names", "classes", "labels", "names"];

function classNamesOf({ metadata }: OnnxModel): readonly string[] | undefined {
  for (const key of NAMES) {
    const list = parsed(metadata.get(key));
    const isNames = Array.isArray(list) && list.every((name) => typeof name === "string");
    if (isNames && list.length > 1) return list;
  }
  return undefined;
}

function parsed(text = ""): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Height and width of a model's images, where its file says them. */
export function imageSizeOf({ inputs: [input] }: OnnxModel): readonly [number, number] | undefined {
  if (!input) return undefined;
  const [height, width] = input.dims?.slice(layoutOf(input) === "nchw" ? 2 : 1) ?? [];
  return typeof height === "number" && typeof width === "number" ? [height, width] : undefined;
}

function outputOf(model: OnnxModel): string {
  const named = model.outputs.find(({ name }) => /logits/i.test(name));
  const flat = model.outputs.find(({ dims }) => dims?.length === 2);
  return (named ?? flat)?.name ?? outputNames(model)[0];
}

/** The shape of a layer's weights; undefined for a node that has none. */
function shapeOf(
  { operator, inputs, attributes }: OnnxNode,
  { constants }: OnnxModel,
): Pick<SuggestedAdapter, "classes" | "featureLength"> | undefined {
  const dims = constants.get(inputs[1] ?? "")?.dims;
  if (!dims || dims.length < 2) return undefined;
  const [first, second] = dims;
  if (operator === "Conv") {
    return { classes: first, featureLength: second * attributes.int("group", 1) };
  }
  if (operator === "MatMul") return { classes: dims.at(-1), featureLength: dims.at(-2) };
  if (operator !== "Gemm") return undefined;
  return attributes.int("transB", 0) === 1
    ? { classes: first, featureLength: second }
    : { classes: second, featureLength: first };
}
