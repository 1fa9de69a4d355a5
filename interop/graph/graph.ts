/**
 * A frozen graph, read: operations in the order in which they run, with inputs, outputs and shapes by name.
 *
 * @module
 */
import type { FrozenGraph } from "@realign/core/backend";
import { type NodeDef, readGraphDef } from "./graph_def.ts";

/** An input or output of a graph. */
export interface Place {
  /** What it is called outside. */
  readonly name: string;
  /** The operation whose first result it is. */
  readonly node: string;
  /** -1 is a free dimension. */
  readonly shape: readonly number[];
  readonly dtype: string;
}

/** A graph. */
export interface Graph {
  /** Operations by name, each behind those that it reads. */
  readonly nodes: ReadonlyMap<string, NodeDef>;
  readonly inputs: readonly Place[];
  readonly outputs: readonly Place[];
  /** Shapes of each operation's results, by its name; -1 is a free dimension. */
  readonly shapes: ReadonlyMap<string, readonly (readonly number[])[]>;
  /** The version of TensorFlow's graphs that it is written in. */
  readonly producer: number;
}

/** A name that TensorFlow takes for an operation. */
const NAME = /^[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$/;

/**
 * Reads a frozen graph, without operations that no output needs. Operations are named by their kind and number, inputs and
 * outputs by their names outside.
 *
 * @param frozen From `freezeGraph`
 * @returns The graph
 *
 * @example Usage
 * ```ts
 * import { freezeGraph, selectBackend } from "@realign/core/backend";
 * import { readGraph } from "@realign/interop";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * const { name } = await selectBackend("auto");
 * if (name === "tensorflow") {
 *   const double = ({ x }: tf.NamedTensorMap) => ({ y: tf.mul(x, 2) });
 *   const { nodes } = readGraph(freezeGraph(double, { x: tf.zeros([2, 3]) }));
 *   assert.deepEqual([...nodes.values()].map(({ op }) => op), ["Placeholder", "Const", "Mul", "Identity"]);
 * }
 * ```
 */
export function readGraph(frozen: FrozenGraph): Graph {
  const { node, producer } = readGraphDef(frozen.bytes);
  const places = [...frozen.inputs, ...frozen.outputs];
  const given = new Map(places.map((place) => [place.node, place.name]));
  const names = new Map(node.map(({ name, op }) => {
    const own = given.get(name) ?? "";
    return [name, NAME.test(own) ? own : `${op}_${name.replace(/^n/, "")}`];
  }));
  const renamed = (input: string) => {
    const { node, index } = resultOf(input);
    return index === 0 ? names.get(node)! : `${names.get(node)!}:${index}`;
  };
  const all = new Map(node.map((one): [string, NodeDef] => {
    const name = names.get(one.name)!;
    return [name, { ...one, name, input: one.input.map(renamed) }];
  }));
  const place = ({ name, node, shape, dtype }: Place): Place => (
    { name, node: names.get(node)!, shape, dtype }
  );
  const [inputs, outputs] = [frozen.inputs.map(place), frozen.outputs.map(place)];
  return {
    nodes: orderedNodes(all, inputs, outputs),
    inputs,
    outputs,
    shapes: new Map(
      [...frozen.shapes].flatMap(([name, shapes]) =>
        names.has(name) ? [[names.get(name)!, shapes]] : []
      ),
    ),
    producer,
  };
}

/** Which result of which operation an input is. */
export function resultOf(input: string): { readonly node: string; readonly index: number } {
  const [node, index = "0"] = input.split(":");
  return { node, index: Number(index) };
}

/**
 * Nodes that outputs need, with all inputs, each behind those that it reads.
 *
 * @param all Nodes by name
 * @param inputs Of the graph
 * @param outputs Of the graph
 * @throws {Error} If an operation is not there, or needs its own result; the message goes on from "Cannot read the model
 * as"
 */
export function orderedNodes(
  all: ReadonlyMap<string, NodeDef>,
  inputs: readonly Pick<Place, "node">[],
  outputs: readonly Pick<Place, "node">[],
): Map<string, NodeDef> {
  const ordered = new Map<string, NodeDef>();
  const waiting = [...outputs, ...inputs].map(({ node }) => node);
  const begun = new Set<string>();
  while (waiting.length > 0) {
    const name = waiting.at(-1)!;
    const node = all.get(name);
    if (!node) throw new Error(`its operation "${name}" is not in its graph`);
    const missing = node.input.map((input) => resultOf(input).node)
      .filter((input) => !ordered.has(input));
    if (missing.length > 0) {
      begun.add(name);
      const own = missing.find((input) => begun.has(input));
      if (own !== undefined) throw new Error(`its operation "${own}" needs its own result`);
      waiting.push(...missing.reverse());
      continue;
    }
    ordered.set(name, node);
    waiting.pop();
  }
  return ordered;
}
