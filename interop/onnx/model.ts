/**
 * Reads ONNX files.
 *
 * @module
 */
import type { ImportedModel } from "@realign/core";
import { readMessage } from "../wire/read.ts";
import { Attributes } from "./attributes.ts";
import type { HostArray } from "./host_array.ts";
import { FilesBeside } from "./files_beside.ts";
import { beginsAsOnnx, ONNX, type OnnxMessage } from "./schema.ts";
import { externalOf, readTensor, typeName } from "./tensor.ts";

/** The versions of ONNX's operators that are read. */
export const OPSETS = { least: 11, most: 22 } as const;

/** An operator's use in a graph. */
export interface OnnxNode {
  /** As the file has it; of one without a name, that of its first output. */
  readonly name: string;
  /** E.g. "Conv"; of another domain than ONNX's, e.g. "com.microsoft:Gelu". */
  readonly operator: string;
  /** Names of values; "" for an optional one that is not given. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/** A value that a graph takes or gives. */
export interface OnnxValueInfo {
  readonly name: string;
  /** E.g. "float32". */
  readonly type: string;
  /** Sizes, and names or "?" for those that are free; undefined if the file does not say. */
  readonly dims?: readonly (number | string)[];
}

/** What an ONNX file holds, or what another file is read as. */
export interface OnnxModel extends ImportedModel {
  /** Who wrote it, e.g. "pytorch 2.8.0". */
  readonly producer: string;
  readonly opset: number;
  readonly metadata: ReadonlyMap<string, string>;
  /** Each after those that it depends on. */
  readonly nodes: readonly OnnxNode[];
  /** Without the weights. */
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  /** Order of the sides of maps among its outputs, where it is another than its images'. */
  readonly outputLayout?: "nchw" | "nhwc";
  /** Weights and other constants by name. */
  readonly constants: ReadonlyMap<string, HostArray>;
}

const ORIGIN = "the model";

/** How a model's file is read. */
export interface ReadOnnxOptions {
  /** Named in errors, e.g. the file's path. @default {"the model"} */
  readonly origin?: string;
  /**
   * Reads a file beside the model in which weights lie, as large models have it. `location` is a relative path
   * without "..". Default: such models are refused.
   */
  readonly readBeside?: (location: string) => Promise<Uint8Array>;
}

/**
 * Reads an ONNX file. Nothing of it is run.
 *
 * @param bytes The whole file, whoever wrote it
 * @param options Name for errors, files beside it
 * @returns Its graph and weights
 * @throws {Error} If it is damaged, of another opset than 11 to 22, or weights are missing; the message is one line
 *
 * @example Usage
 * ```ts
 * import { ONNX, readOnnx } from "@realign/interop";
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
 * const model = await readOnnx(bytes, { origin: "relu.onnx" });
 * assert.deepEqual(model.nodes.map(({ operator }) => operator), ["Relu"]);
 * await assert.rejects(readOnnx(bytes.subarray(0, -1), { origin: "relu.onnx" }), /Cannot read relu.onnx as/);
 * ```
 */
export async function readOnnx(
  bytes: Uint8Array,
  { origin = ORIGIN, readBeside }: ReadOnnxOptions = {},
): Promise<OnnxModel> {
  if (!beginsAsOnnx(bytes)) throw new Error(`Cannot read ${origin} as it is not an ONNX file`);
  const beside = new FilesBeside(readBeside);
  const file = readMessage(ONNX, "Model", bytes, origin);
  const model = await modelOf(file, { origin, readBeside: beside.read });
  return { ...model, digest: await beside.digestWith(bytes) };
}

/** The model of a file that is read, or of a graph that was written for it. Throws an Error as `readOnnx`. */
export async function modelOf(
  file: OnnxMessage<"Model">,
  { origin = ORIGIN, readBeside }: ReadOnnxOptions = {},
): Promise<Omit<OnnxModel, "digest">> {
  const fail = (reason: string): never => {
    throw new Error(`Cannot read ${origin} as ${reason}`);
  };
  const { graph, opsets = [] } = file;
  if (!graph) return fail("it is not an ONNX file: it has no graph");
  const opset = opsets.find(({ domain = "" }) => isOnnx(domain))?.version ?? 1;
  if (!(opset >= OPSETS.least && opset <= OPSETS.most)) {
    fail(`its opset must be from ${OPSETS.least} to ${OPSETS.most}: current opset is ${opset}`);
  }
  const constants = new Map<string, HostArray>();
  for (const tensor of graph.initializers ?? []) {
    const name = tensor.name ?? "";
    try {
      constants.set(name, readTensor(tensor, await bytesBeside(tensor, readBeside)));
    } catch (error) {
      fail(`"${oneLine(name)}" ${(error as Error).message}`);
    }
  }
  return {
    origin,
    producer: oneLine(`${file.producer ?? ""} ${file.producerVersion ?? ""}`.trim()),
    opset,
    metadata: new Map(file.metadata?.map(({ key = "", value = "" }) => [key, value])),
    nodes: nodesOf(graph, constants, fail),
    inputs: (graph.inputs ?? []).filter(({ name = "" }) => !constants.has(name)).map(valueInfo),
    outputs: (graph.outputs ?? []).map(valueInfo),
    constants,
  };
}

function isOnnx(domain: string): boolean {
  return domain === "" || domain === "ai.onnx";
}

/** The bytes of a tensor that lie in another file, which is read once. */
async function bytesBeside(
  tensor: OnnxMessage<"Tensor">,
  readBeside: ReadOnnxOptions["readBeside"],
): Promise<Uint8Array | undefined> {
  const external = externalOf(tensor);
  if (!external) return undefined;
  const { location, offset, length } = external;
  if (!readBeside) {
    throw new Error(`lies in ${location}, which is not there: put it beside the model`);
  }
  const bytes = await readBeside(location);
  if (offset + length > bytes.length) {
    throw new Error(
      `must lie within ${location}: it ends at byte ${offset + length} of ${bytes.length}`,
    );
  }
  return bytes.subarray(offset, offset + length);
}

/** The graph's nodes. Fails unless every value is made once, before it is used. */
function nodesOf(
  graph: OnnxMessage<"Graph">,
  constants: ReadonlyMap<string, HostArray>,
  fail: (reason: string) => never,
): OnnxNode[] {
  const known = new Set([
    "",
    ...constants.keys(),
    ...(graph.inputs ?? []).map(({ name }) => name ?? ""),
  ]);
  const nodes = (graph.nodes ?? []).map((node): OnnxNode => {
    const { inputs = [], outputs = [], domain = "", operator = "" } = node;
    const name = oneLine(node.name || outputs[0] || "");
    const missing = inputs.find((input) => !known.has(input));
    if (missing !== undefined) {
      fail(
        `${oneLine(operator)} "${name}" takes "${oneLine(missing)}", which nothing before it makes`,
      );
    }
    const made = outputs.filter((output) => output !== "");
    const twice = made.find((output, index) => known.has(output) || made.indexOf(output) < index);
    if (twice !== undefined) {
      fail(`${oneLine(operator)} "${name}" makes "${oneLine(twice)}", which is there before`);
    }
    for (const output of made) known.add(output);
    return {
      name,
      operator: oneLine(isOnnx(domain) ? operator : `${domain}:${operator}`),
      inputs,
      outputs,
      attributes: new Attributes(node.attributes ?? []),
    };
  });
  const absent = (graph.outputs ?? []).find(({ name = "" }) => !known.has(name));
  if (absent) fail(`its output "${oneLine(absent.name ?? "")}" is made by no node`);
  if (!graph.outputs?.length) fail("it has no outputs");
  return nodes;
}

function valueInfo({ name = "", type }: OnnxMessage<"ValueInfo">): OnnxValueInfo {
  const { type: numbers, shape } = type?.tensor ?? {};
  return {
    name,
    type: typeName(numbers),
    // A dimension of neither size nor name is free.
    dims: shape && (shape.dims ?? []).map(({ size, name }) => size ?? oneLine(name || "?")),
  };
}

/** Keeps names to one line of fair length, whatever stands in the file. */
export function oneLine(text: string): string {
  const line = text.replace(/\p{Cc}/gu, " ");
  return line.length > 120 ? `${line.slice(0, 120)}...` : line;
}
