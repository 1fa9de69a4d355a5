/**
 * Layers of Keras as TensorFlow's operations: the graph that is being written.
 *
 * @module
 */
import { type Constant, constantNode } from "../../graph/constant.ts";
import type { Attribute, NodeDef } from "../../graph/graph_def.ts";
import { type Json, listOf, textOf } from "../json.ts";

/** What a layer takes and gives. */
export interface LayerValue {
  /** The operation whose result it is. */
  readonly source: string;
  /** How many axes it has. */
  readonly rank: number;
}

/** Attributes: an integer, a flag, a text, integers, or a real number, which stands apart. */
export type LayerAttributes = Readonly<
  Record<string, number | boolean | string | readonly number[] | { readonly real: number }>
>;

/** Writes operations and constants down. */
export class LayerGraph {
  readonly nodes = new Map<string, NodeDef>();
  #constants = 0;

  /** Adds an operation, and returns its name, which is made another one if it is taken. */
  add(
    name: string,
    op: string,
    input: readonly string[],
    attributes: LayerAttributes = {},
  ): string {
    let free = name;
    for (let k = 1; this.nodes.has(free); k++) free = `${name}_${k}`;
    const attr = Object.fromEntries(
      Object.entries(attributes).map(([key, value]) => [key, attributeOf(value)]),
    );
    this.nodes.set(free, { name: free, op, input, attr });
    return free;
  }

  /** Names an operation otherwise that nothing reads yet. */
  rename(from: string, to: string): void {
    if (from === to || this.nodes.has(to)) return;
    const node = this.nodes.get(from)!;
    this.nodes.delete(from);
    this.nodes.set(to, { ...node, name: to });
  }

  /** A constant; under a weight's name it is written once. */
  constant(value: Constant, name = `constant/${this.#constants++}`): string {
    if (!this.nodes.has(name)) this.nodes.set(name, constantNode(name, value));
    return name;
  }

  /** A list of integers. */
  ints(values: readonly number[]): string {
    return this.constant({
      shape: [values.length],
      dtype: "int32",
      values: Int32Array.from(values),
    });
  }

  /** A number, or one a channel. */
  floats(value: number | readonly number[]): string {
    const values = Float32Array.from([value].flat());
    const shape = typeof value === "number" ? [] : [values.length];
    return this.constant({ shape, dtype: "float32", values });
  }
}

function attributeOf(value: LayerAttributes[string]): Attribute {
  if (typeof value === "number") return { i: value };
  if (typeof value === "boolean") return { b: Number(value) };
  if (typeof value === "string") return { s: new TextEncoder().encode(value) };
  return "real" in value ? { f: value.real } : { list: { i: value } };
}

/** One use of a layer. */
export interface LayerCall {
  readonly config: Json;
  readonly inputs: readonly LayerValue[];
  readonly graph: LayerGraph;
  /** The first input's operation. */
  readonly source: string;
  /** The first input's number of axes. */
  readonly rank: number;
  /** Adds an operation under a name that begins with the layer's. */
  op(op: string, input: readonly string[], attributes?: LayerAttributes): string;
  /** A weight. Throws an Error if there is none. */
  weight(name: string): string;
  /** A weight's shape. Throws an Error if there is none. */
  shape(name: string): readonly number[];
}

/**
 * Writes a layer down, and returns its result; as it is in inference. Throws an Error if it has settings that are not
 * here; the message goes on from the layer's name.
 */
export type Layer = (call: LayerCall) => LayerValue;

/** Layers by Keras's names. */
export type LayerTable = Readonly<Record<string, Layer>>;

/** A setting of rows and columns, which may be one number for both. */
export function pairOf(value: unknown, otherwise: readonly [number, number]): [number, number] {
  const [rows, columns] = Array.isArray(value) ? value : [value, value];
  return value === undefined || value === null ? [...otherwise] : [Number(rows), Number(columns)];
}

/** Fails unless channels come last. */
export function assertChannelsLast({ config, rank }: LayerCall): void {
  const format = textOf(config.data_format) || "channels_last";
  if (format !== "channels_last") throw new Error(`must have channels_last: it has ${format}`);
  if (rank !== 4) throw new Error(`must take maps [B, H, W, C]: it takes ${rank} axes`);
}

/** Fails unless a setting is one of some values. */
export function assertOneOf(config: Json, name: string, values: readonly unknown[]): void {
  const value = config[name];
  if (value === undefined || value === null) return;
  const flat = listOf(value).length > 0 ? listOf(value) : [value];
  if (flat.every((one) => values.includes(one))) return;
  throw new Error(`must have ${name} of ${values.join(" or ")}: it has ${JSON.stringify(value)}`);
}

/** A part of an operation's shape, as integers: sides from `begin` on. */
export function sides(
  { op, graph }: LayerCall,
  source: string,
  begin: number,
  count: number,
): string {
  return op("Slice", [op("Shape", [source]), graph.ints([begin]), graph.ints([count])]);
}

/** A result under another shape of as many numbers an example. */
export function reshaped(call: LayerCall, source: string, own: readonly number[]): LayerValue {
  const { op, graph } = call;
  const shape = op("ConcatV2", [sides(call, source, 0, 1), graph.ints(own), graph.ints([0])]);
  return { source: op("Reshape", [source, shape]), rank: own.length + 1 };
}
