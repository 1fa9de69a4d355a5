/**
 * Graph models of TensorFlow.js.
 *
 * @module
 */
import { type Constant, integersNode } from "../graph/constant.ts";
import { type Graph, orderedNodes, type Place } from "../graph/graph.ts";
import type { NodeDef } from "../graph/graph_def.ts";
import { oneLine } from "../onnx/model.ts";
import { nodesOf, shapeOf, sourceOf } from "./graph_json.ts";
import { type Json, objectOf, textOf } from "./json.ts";
import { unfused } from "./unfuse.ts";

/** What is asked of a graph: an output's name outside, the result that it is, its shape where that is told. */
export interface Wanted {
  readonly name: string;
  readonly source: string;
  readonly shape?: readonly number[];
}

/**
 * The graph of a graph model.
 *
 * @param file What stands in `model.json`
 * @param weights Its weights
 * @returns Its operations, joined ones apart. Throws an Error if it is none; the message goes on from "Cannot read the
 * model as"
 */
export function graphModel(file: Json, weights: ReadonlyMap<string, Constant>): Graph {
  const topology = objectOf(file.modelTopology);
  const read = nodesOf(topology, weights);
  if (read.size === 0) throw new Error("its graph has no operations");
  const signature = objectOf(file.signature ?? objectOf(file.userDefinedMetadata).signature);
  const given = Object.entries(objectOf(signature.inputs));
  const inputs = given.length > 0
    ? given.map(([, info]) => inputOf(read, info))
    : [...read.values()].filter(({ op }) => op === "Placeholder").map(({ name }) =>
      inputOf(read, { name })
    );
  const results = Object.entries(objectOf(signature.outputs));
  const outputs = results.length > 0
    ? results.map(([name, info]): Wanted => {
      const { name: source, tensorShape } = objectOf(info);
      return { name, source: sourceOf(textOf(source) || name).source, shape: shapeOf(tensorShape) };
    })
    : unread(read);
  const nodes = new Map([...read.values()].flatMap(unfused).map((node) => [node.name, node]));
  return graphOf(nodes, inputs, outputs);
}

/** An input; images have their three channels last, where its shape does not say so. */
function inputOf(nodes: ReadonlyMap<string, NodeDef>, info: unknown): Place {
  const { name, tensorShape } = objectOf(info);
  const { node } = sourceOf(textOf(name));
  const placeholder = nodes.get(node);
  if (!placeholder) throw new Error(`its input "${oneLine(node)}" is no operation of its graph`);
  const attribute = placeholder.attr.shape?.shape?.dim?.map(({ size = -1 }) => size);
  const told = shapeOf(tensorShape) ?? attribute;
  const shape = told?.length ? told : [-1, -1, -1, -1];
  const isFree = shape.length === 4 && shape[1] < 0 && shape[3] < 0;
  return { name: node, node, shape: isFree ? shape.with(3, 3) : shape, dtype: "float32" };
}

/** What no operation reads. */
function unread(nodes: ReadonlyMap<string, NodeDef>): Wanted[] {
  const taken = new Set(
    [...nodes.values()].flatMap(({ input }) => input.map((text) => sourceOf(text).node)),
  );
  return [...nodes.values()]
    .filter(({ name, op }) => !taken.has(name) && !["Const", "NoOp", "Placeholder"].includes(op))
    .map(({ name }) => ({ name, source: name }));
}

/**
 * A graph with outputs: maps `[B, H, W, C]` become `[B, C, H, W]`, as models in ONNX give them. A softmax over channels
 * at the end is turned with them, so that what it takes lies in that order too.
 *
 * @param nodes Operations by name; changed
 * @param inputs Placeholders
 * @param wanted The outputs
 */
export function graphOf(
  nodes: Map<string, NodeDef>,
  inputs: readonly Place[],
  wanted: readonly Wanted[],
): Graph {
  // Walks along the graph end: no operation needs its own result.
  orderedNodes(nodes, inputs, wanted.map(({ source }) => sourceOf(source)));
  const add = (node: NodeDef): string => {
    nodes.set(node.name, node);
    return node.name;
  };
  const turned = (source: string): string => {
    const order = add(integersNode("channels-first/order", [0, 3, 1, 2]));
    const name = `${source}/channels-first`;
    return add({ name, op: "Transpose", input: [source, order], attr: {} });
  };
  const ends = wanted.map(({ source, shape }) => {
    if (shape?.length !== 4) return source;
    let node = nodes.get(source);
    while (node?.op === "Identity") node = nodes.get(node.input[0]);
    if (node?.op !== "Softmax") return turned(source);
    const name = `${source}/channels-first`;
    return add({ ...node, name, input: [turned(node.input[0])], attr: { axis: { i: 1 } } });
  });
  // An output's name is its own: an inner operation that has it is named otherwise.
  let places = inputs;
  wanted.forEach(({ name }, index) => {
    if (ends[index] === name || !nodes.has(name)) return;
    const renamed = (source: string) =>
      sourceOf(source).node === name ? `${name}/inner${source.slice(name.length)}` : source;
    for (const node of [...nodes.values()]) {
      nodes.delete(node.name);
      add({ ...node, name: renamed(node.name), input: node.input.map(renamed) });
    }
    ends.forEach((end, k) => ends[k] = renamed(end));
    places = places.map((place) => ({ ...place, node: renamed(place.node) }));
  });
  const outputs = wanted.map(({ name, shape = [] }, index): Place => {
    const end = ends[index];
    if (end !== name) add({ name, op: "Identity", input: [end], attr: {} });
    const dims = shape.length === 4 ? [0, 3, 1, 2].map((axis) => shape[axis]) : shape;
    return { name, node: name, shape: dims, dtype: "float32" };
  });
  const shapes = new Map(places.map(({ node, shape }) => [node, [shape]]));
  const ordered = orderedNodes(nodes, places, outputs);
  return { nodes: ordered, inputs: places, outputs, shapes, producer: 0 };
}
