/**
 * TensorFlow's graphs as the JSON of graph models has them.
 *
 * @module
 */
import { type Constant, constantNode } from "../graph/constant.ts";
import { resultOf } from "../graph/graph.ts";
import type { Attribute, NodeDef } from "../graph/graph_def.ts";
import { oneLine } from "../onnx/model.ts";
import { isObject, type Json, listOf, objectOf, sizesOf, textOf } from "./json.ts";

/** TensorFlow's numbers of types. */
const TYPES: Readonly<Record<string, number>> = {
  DT_FLOAT: 1,
  DT_DOUBLE: 2,
  DT_INT32: 3,
  DT_UINT8: 4,
  DT_INT64: 9,
  DT_BOOL: 10,
  DT_HALF: 19,
};

/** The sizes of a shape; undefined where it is not told. */
export function shapeOf(value: unknown): number[] | undefined {
  if (!isObject(value) || value.unknownRank) return undefined;
  return sizesOf(listOf(value.dim).map((dim) => objectOf(dim).size ?? 0));
}

/**
 * Reads the nodes of a topology.
 *
 * @param topology `modelTopology`
 * @param weights Values of its constants
 * @returns By name. Throws an Error if a constant has no value; the message goes on from "Cannot read the model as"
 */
export function nodesOf(
  topology: Json,
  weights: ReadonlyMap<string, Constant>,
): Map<string, NodeDef> {
  const nodes = new Map<string, NodeDef>();
  for (const one of listOf(topology.node).map(objectOf)) {
    const [name, op] = [textOf(one.name), textOf(one.op)];
    if (op === "Const") {
      const value = weights.get(name);
      if (!value) throw new Error(`its constant "${oneLine(name)}" is among no weights`);
      nodes.set(name, constantNode(name, value));
      continue;
    }
    // What only has to run before is named with a "^".
    const input = listOf(one.input).map(textOf).filter((source) => !source.startsWith("^"))
      .map((source) => source.replace(/:0$/, ""));
    const attr = Object.fromEntries(
      Object.entries(objectOf(one.attr)).map(([key, value]) => [key, attributeOf(objectOf(value))]),
    );
    nodes.set(name, { name, op, input, attr });
  }
  return withoutCopies(nodes);
}

/** Lets operations read constants themselves that stand behind an Identity. */
function withoutCopies(nodes: Map<string, NodeDef>): Map<string, NodeDef> {
  const source = (input: string): string => {
    for (let name = input, steps = 0; steps < 9; steps++) {
      const node = nodes.get(name);
      if (node?.op === "Const") return name;
      if (node?.op !== "Identity") break;
      name = node.input[0];
    }
    return input;
  };
  return new Map(
    [...nodes].map(([name, node]) => [name, { ...node, input: node.input.map(source) }]),
  );
}

function attributeOf({ s, i, f, b, type, shape, list }: Json): Attribute {
  if (s !== undefined) return { s: bytesOf(s) };
  if (i !== undefined) return { i: Number(i) };
  if (f !== undefined) return { f: Number(f) };
  if (b !== undefined) return { b: Number(Boolean(b)) };
  if (type !== undefined) return { type: TYPES[textOf(type)] ?? Number(type) };
  if (shape !== undefined) return { shape: { dim: shapeOf(shape)?.map((size) => ({ size })) } };
  const lists = objectOf(list);
  return {
    list: {
      s: listOf(lists.s).map(bytesOf),
      i: listOf(lists.i).map(Number),
      f: listOf(lists.f).map(Number),
    },
  };
}

/** Bytes, which stand in base64 or as numbers. */
function bytesOf(value: unknown): Uint8Array {
  if (Array.isArray(value)) return Uint8Array.from(value, Number);
  try {
    return Uint8Array.fromBase64(textOf(value));
  } catch {
    throw new Error("an attribute of its graph is not in base64");
  }
}

/** The node of a result, and under which name others read it: "node" or "node:1". */
export function sourceOf(text: string): { readonly node: string; readonly source: string } {
  const { node, index } = resultOf(text);
  return { node, source: index > 0 ? `${node}:${index}` : node };
}
