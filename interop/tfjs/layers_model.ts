/**
 * Layers models of TensorFlow.js: a model of Keras as a list or a graph of layers, as Keras 2 and 3 write it.
 *
 * @module
 */
import type { Constant } from "../graph/constant.ts";
import type { Graph, Place } from "../graph/graph.ts";
import { oneLine } from "../onnx/model.ts";
import { graphOf, type Wanted } from "./graph_model.ts";
import { isObject, type Json, listOf, objectOf, sizesOf, textOf } from "./json.ts";
import { type LayerCall, LayerGraph, type LayerValue } from "./layers/layer_graph.ts";
import { inputSizes } from "./layers/maps.ts";
import { layerTable } from "./layers/table.ts";
import { findWeight } from "./layers/find_weight.ts";

const MODELS: readonly string[] = ["Functional", "Model", "Sequential"];

/** A layer of a file. */
interface LayerJson {
  readonly kind: string;
  readonly name: string;
  readonly config: Json;
  /** For each use, the results that it takes. */
  readonly calls: readonly (readonly Reference[])[];
}

/** A result of a layer's use. */
interface Reference {
  readonly layer: string;
  readonly call: number;
}

/**
 * The graph of a layers model.
 *
 * @param topology `modelTopology`
 * @param weights Its weights
 * @returns Its operations. Throws an Error that names all layers that are not here; the message goes on from "Cannot read
 * the model as"
 */
export function layersModel(topology: Json, weights: ReadonlyMap<string, Constant>): Graph {
  const model = objectOf(topology.model_config ?? topology);
  const missing = unknownLayers(model);
  if (missing.length > 0) throw new Error(`its layers ${missing.join(", ")} are not here`);
  const graph = new LayerGraph();
  const inputs: Place[] = [];
  const takeInput = (name: string, told: readonly unknown[]): LayerValue => {
    const sizes = told.length > 0 ? sizesOf(told) : [-1, -1, -1, 3];
    const shape = sizes.length === 4 && sizes[3] < 0 ? sizes.with(3, 3) : sizes;
    const source = graph.add(name, "Placeholder", []);
    inputs.push({ name: source, node: source, shape, dtype: "float32" });
    return { source, rank: shape.length };
  };
  const results = new ModelWriter(graph, weights, []).write(model, takeInput);
  const wanted = results.map(({ source, rank }): Wanted => (
    { name: source, source, shape: Array(rank).fill(-1) }
  ));
  return graphOf(graph.nodes, inputs, wanted);
}

function layersOf(model: Json): LayerJson[] {
  const list = Array.isArray(model.config) ? model.config : listOf(objectOf(model.config).layers);
  return list.map(objectOf).map((layer, index) => {
    const config = objectOf(layer.config);
    const name = textOf(layer.name) || textOf(config.name) || `layer_${index}`;
    const calls = listOf(layer.inbound_nodes).map(referencesOf);
    return { kind: textOf(layer.class_name), name, config, calls };
  });
}

/** References wherever they stand in a call: `["conv", 0, 0]`, or Keras 3's tensors with such a history. */
function referencesOf(call: unknown): Reference[] {
  if (isObject(call)) {
    const { class_name, config, args } = call;
    if (class_name === "__keras_tensor__") return referencesOf(objectOf(config).keras_history);
    return referencesOf(args);
  }
  const list = listOf(call);
  if (typeof list[0] !== "string") return list.flatMap(referencesOf);
  return [{ layer: list[0], call: Number(list[1] ?? 0) }];
}

/** The number of each model's first use: one that is a layer may count its own making as a use before. */
function firstCalls(
  layers: readonly LayerJson[],
  ends: readonly Reference[],
): ReadonlyMap<string, number> {
  const references = [...layers.flatMap(({ calls }) => calls.flat()), ...ends];
  return new Map(
    layers.filter(({ kind }) => MODELS.includes(kind)).map(({ name, calls }) => {
      const uses = references.filter(({ layer }) => layer === name).map(({ call }) => call);
      return [name, Math.max(...uses, 0) >= calls.length ? 1 : 0];
    }),
  );
}

function unknownLayers(model: Json): string[] {
  return layersOf(model).flatMap(({ kind, name, config }) => {
    if (MODELS.includes(kind)) return unknownLayers({ config });
    if (kind === "InputLayer" || Object.hasOwn(layerTable, kind)) return [];
    return [`${oneLine(kind)} "${oneLine(name)}"`];
  });
}

/** Writes one model's layers; a model may be a layer of another. */
class ModelWriter {
  readonly #graph: LayerGraph;
  readonly #weights: ReadonlyMap<string, Constant>;
  /** The models that it is in. */
  readonly #path: readonly string[];

  constructor(
    graph: LayerGraph,
    weights: ReadonlyMap<string, Constant>,
    path: readonly string[],
  ) {
    this.#graph = graph;
    this.#weights = weights;
    this.#path = path;
  }

  /** Writes a model; `input` is asked for its inputs in order, by name and sizes. */
  write(
    model: Json,
    input: (name: string, sizes: readonly unknown[]) => LayerValue,
  ): LayerValue[] {
    const layers = layersOf(model);
    if (layers.length === 0) throw new Error("it has no layers");
    const config = objectOf(model.config);
    const ends = referencesOf(config.output_layers);
    return ends.length > 0
      ? this.#functional(layers, referencesOf(config.input_layers), ends, input)
      : [this.#sequential(layers, config, input)];
  }

  #sequential(
    layers: readonly LayerJson[],
    { build_input_shape }: Json,
    input: (name: string, sizes: readonly unknown[]) => LayerValue,
  ): LayerValue {
    const [first, ...rest] = layers;
    const isInput = first.kind === "InputLayer";
    const told = inputSizes(first.config);
    const sizes = told.length > 0 ? told : listOf(build_input_shape);
    const start = input(this.#named(isInput ? first.name : `${first.name}_input`), sizes);
    return (isInput ? rest : layers).reduce(
      (value, layer) => this.#call(layer, [value], layer.name),
      start,
    );
  }

  #functional(
    layers: readonly LayerJson[],
    starts: readonly Reference[],
    ends: readonly Reference[],
    input: (name: string, sizes: readonly unknown[]) => LayerValue,
  ): LayerValue[] {
    const byName = new Map(layers.map((layer) => [layer.name, layer]));
    const firstCall = firstCalls(layers, ends);
    const known = new Map<string, LayerValue | undefined>();
    const sought = (name: string): LayerJson => {
      const layer = byName.get(name);
      if (layer) return layer;
      throw new Error(`its layer "${oneLine(name)}" is not among its layers`);
    };
    for (const { layer } of starts) {
      const { name, config } = sought(layer);
      known.set(`${name} 0`, input(this.#named(name), inputSizes(config)));
    }
    const valueOf = ({ layer: name, call }: Reference): LayerValue => {
      const key = `${name} ${call}`;
      if (known.has(key)) {
        const value = known.get(key);
        if (value) return value;
        throw new Error(`its layer "${oneLine(name)}" needs its own result`);
      }
      known.set(key, undefined);
      const layer = sought(name);
      const first = firstCall.get(name) ?? 0;
      const sources = layer.calls[call - first];
      if (!sources?.length) throw new Error(`its layer "${oneLine(name)}" takes nothing`);
      const own = call === first ? name : `${name}/call_${call}`;
      const value = this.#call(layer, sources.map(valueOf), own);
      known.set(key, value);
      return value;
    };
    return ends.map(valueOf);
  }

  #named(name: string): string {
    return [...this.#path, name].join("/");
  }

  #call(layer: LayerJson, inputs: readonly LayerValue[], own: string): LayerValue {
    const { kind, name, config } = layer;
    const full = this.#named(own);
    const graph = this.#graph;
    if (MODELS.includes(kind)) {
      const inner = new ModelWriter(graph, this.#weights, [...this.#path, own]);
      let next = 0;
      const [result] = inner.write({ config }, () => inputs[next++] ?? inputs[0]);
      return result;
    }
    const sought = (weight: string) =>
      findWeight(this.#weights, [...this.#path, name], weight.split("|"));
    const call: LayerCall = {
      config,
      inputs,
      graph,
      ...inputs[0],
      op: (op, input, attributes) => graph.add(`${full}/${op}`, op, input, attributes),
      weight: (weight) => {
        const key = sought(weight);
        return graph.constant(this.#weights.get(key)!, key);
      },
      shape: (weight) => this.#weights.get(sought(weight))!.shape,
    };
    try {
      const { source, rank } = layerTable[kind](call);
      // What does nothing still has the layer's name.
      const isNew = inputs.every((input) => input.source !== source);
      if (isNew) graph.rename(source, full);
      return { source: isNew ? full : graph.add(full, "Identity", [source]), rank };
    } catch (error) {
      throw new Error(`its ${kind} "${oneLine(full)}" ${(error as Error).message}`);
    }
  }
}
