/**
 * ONNX models as differentiable functions.
 *
 * @module
 */
import type { Images, Parameters } from "@realign/core";
import * as tf from "@realign/core/tf";
import { describeUnsupported, nodesFor, outputNames, unsupportedNodes } from "./graph.ts";
import { mergeGelu } from "./merge_gelu.ts";
import type { OnnxModel, OnnxNode, OnnxValueInfo } from "./model.ts";
import type { Call } from "./operators/operator.ts";
import { operatorOf } from "./operators/table.ts";
import { Value } from "./value.ts";
import { createWeights } from "./weights.ts";

/** How a model is made ready. */
export interface PrepareOptions {
  /**
   * Names of the values that `run` gives: outputs, or inner values, such as features, or boxes and scores before
   * they are decoded. Only what they depend on must be supported. Default: the model's outputs
   */
  readonly outputs?: readonly string[];
  /** How the model takes images. Default: as its input's shape says, "nchw" where it does not */
  readonly layout?: ImageLayout;
}

/** `[B, C, H, W]`, as PyTorch's models take images, or `[B, H, W, C]`, as TensorFlow's do. */
export type ImageLayout = "nchw" | "nhwc";

/** An ONNX model that can be run. */
export interface OnnxFunction extends Disposable {
  /** What it takes: one batch of images. */
  readonly input: OnnxValueInfo;
  readonly layout: ImageLayout;
  /** Names of what `run` gives. */
  readonly outputs: readonly string[];
  /** Its weights, named as in the file; they may be replaced. */
  readonly parameters: Parameters;
  /**
   * Runs the model. Differentiable with respect to the images, and recordable. Memory is the caller's to tidy.
   *
   * @param images `[B, H, W, C]`, normalised as the model wants them; any B and size that the model allows
   * @returns By name, in the order of `outputs`, axes in ONNX's order: `[B, K]` logits, `[B, C, H, W]` maps
   * @throws {Error} If a node cannot be run on images of this size; the message names it
   */
  run(images: Images): Map<string, tf.Tensor>;
}

/**
 * Makes an ONNX model a differentiable function.
 *
 * @param model What {@linkcode readOnnx} read
 * @param options Which values are wanted, layout of images
 * @returns The function, to be disposed of by the caller
 * @throws {RangeError} If the model has another number of inputs than one, or no such value
 * @throws {Error} If operators of it are not here: one line that tells of all
 *
 * @example Usage
 * ```ts
 * import { ONNX, prepareOnnx, readOnnx } from "@realign/interop";
 * import { writeMessage } from "@realign/interop/wire";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const bytes = writeMessage(ONNX, "Model", {
 *   opsets: [{ version: 17 }],
 *   graph: {
 *     nodes: [{ operator: "GlobalAveragePool", inputs: ["images"], outputs: ["means"] }],
 *     inputs: [{ name: "images" }],
 *     outputs: [{ name: "means" }],
 *   },
 * });
 * using means = prepareOnnx(await readOnnx(bytes));
 * const outputs = means.run(tf.ones([2, 4, 4, 3]));
 * assert.deepEqual(outputs.get("means")!.shape, [2, 3, 1, 1]);
 * ```
 */
export function prepareOnnx(model: OnnxModel, options: PrepareOptions = {}): OnnxFunction {
  const { outputs = outputNames(model) } = options;
  const missing = unsupportedNodes(model, outputs);
  if (missing.length > 0) {
    throw new Error(`Cannot run ${model.origin} as ${missing.map(describeUnsupported).join("; ")}`);
  }
  const nodes = mergeGelu(nodesFor(model, outputs), model.constants, outputs);
  const input = inputOf(model, nodes);
  const layout = options.layout ?? layoutOf(input);
  const { values, parameters } = createWeights(model, nodes, outputs);
  try {
    const { known, rest } = folded(nodes, values, model);
    return {
      input,
      layout,
      outputs,
      parameters,
      run(images) {
        const found = new Map(known);
        found.set(input.name, layout === "nchw" ? Value.last(images) : Value.plain(images));
        for (const node of rest) keep(node, compute(node, found, model), found);
        return new Map(outputs.map((name) => [name, found.get(name)!.plain]));
      },
      [Symbol.dispose]: () => parameters[Symbol.dispose](),
    };
  } catch (error) {
    parameters[Symbol.dispose]();
    throw error;
  }
}

/** The only input that the nodes take. */
function inputOf(model: OnnxModel, nodes: readonly OnnxNode[]): OnnxValueInfo {
  const taken = new Set(nodes.flatMap(({ inputs }) => inputs));
  const inputs = model.inputs.filter(({ name }) => taken.has(name));
  if (inputs.length === 1) return inputs[0];
  const names = inputs.map(({ name }) => name).join(", ");
  throw new RangeError(
    `Cannot run ${model.origin} as it must take one batch of images: it takes ${inputs.length} inputs${
      names && `, ${names}`
    }`,
  );
}

/** How a model takes images, by the shape of its input. */
export function layoutOf({ dims }: OnnxValueInfo): ImageLayout {
  const isColour = (size: number | string | undefined) => size === 1 || size === 3;
  return dims?.length === 4 && isColour(dims[3]) && !isColour(dims[1]) ? "nhwc" : "nchw";
}

/** Computes once what depends on no image and no weight, such as the masks of a transformer. */
function folded(
  nodes: readonly OnnxNode[],
  values: ReadonlyMap<string, Value>,
  model: OnnxModel,
): { readonly known: ReadonlyMap<string, Value>; readonly rest: readonly OnnxNode[] } {
  const known = new Map(values);
  const rest = nodes.filter((node) => {
    if (!node.inputs.every((name) => name === "" || known.get(name)?.known)) return true;
    let made: readonly Value[] = [];
    tf.tidy(() => {
      made = compute(node, known, model);
    });
    // What an operator computes on the device alone would outlive nobody's tidy: it is left to each run.
    if (!made.every((value) => value.known)) return true;
    keep(node, made, known);
    return false;
  });
  return { known, rest };
}

function keep({ outputs }: OnnxNode, made: readonly Value[], found: Map<string, Value>): void {
  made.forEach((value, index) => found.set(outputs[index], value));
}

/** The values of one node. */
function compute(
  { operator, name, attributes, inputs, outputs }: OnnxNode,
  found: ReadonlyMap<string, Value>,
  { opset, origin }: OnnxModel,
): readonly Value[] {
  const optional = (index: number) => inputs[index] ? found.get(inputs[index]) : undefined;
  const call: Call = {
    attributes,
    opset,
    outputCount: outputs.length,
    optional,
    input(index) {
      const value = optional(index);
      if (value) return value;
      throw new TypeError(`its input ${index} must be given`);
    },
    all: inputs.flatMap((_, index) => optional(index) ?? []),
  };
  try {
    return [operatorOf(operator)!.run(call)].flat();
  } catch (error) {
    const reason = error instanceof Error ? error.message.replaceAll(/\s+/g, " ") : error;
    throw new Error(
      `Cannot run ${operator} "${name}" (opset ${opset}) of ${origin} as ${reason}`,
      { cause: error },
    );
  }
}
