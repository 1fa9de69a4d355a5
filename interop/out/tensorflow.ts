/**
 * Graphs as SavedModels of TensorFlow.
 *
 * @module
 */
import { numberOfType, shapeOf, sizesOf, typeOfNumber } from "../graph/constant.ts";
import { type Graph, type Place, resultOf } from "../graph/graph.ts";
import { type GraphDef, type ShapeProto, TENSORFLOW } from "../graph/graph_def.ts";
import { withRuntimeBatch } from "../graph/runtime_batch.ts";
import { readMessage, writeMessage } from "../graph/wire.ts";
import type { ModelFormat } from "./format.ts";
import { tfjs } from "./tfjs.ts";

/** The tag, signature and method that TensorFlow and TensorFlow Serving look for. */
const [TAG, SIGNATURE, METHOD] = ["serve", "serving_default", "tensorflow/serving/predict"];

/** One file, `saved_model.pb`, with the signature "serving_default": its weights are constants of the graph. */
export const tensorflow: ModelFormat = {
  title: "TensorFlow",
  has: () => true,
  write(graph) {
    const { nodes, inputs, outputs, producer } = withRuntimeBatch(graph);
    const signature = { inputs: infoOf(inputs), outputs: infoOf(outputs), method: METHOD };
    const saved = {
      schemaVersion: 1,
      metaGraphs: [{
        information: { tags: [TAG] },
        graph: { node: [...nodes.values()], versions: { producer } },
        signatures: { [SIGNATURE]: signature },
      }],
    };
    return new Map([["saved_model.pb", writeMessage(TENSORFLOW, "SavedModel", saved)]]);
  },
  /** By way of TensorFlow.js, if it has all operations. */
  async open(files) {
    const bytes = files.get("saved_model.pb")!;
    const { metaGraphs: [{ graph, signatures }] } = readMessage<SavedModel>(
      TENSORFLOW,
      "SavedModel",
      bytes,
    );
    const { inputs, outputs } = signatures[SIGNATURE];
    const nodes = new Map(graph.node.map((node) => [node.name, node]));
    const read: Graph = {
      nodes,
      inputs: placesOf(inputs),
      outputs: placesOf(outputs),
      shapes: new Map(),
      producer: graph.versions?.producer ?? 0,
    };
    if (!graph.node.every(({ op }) => tfjs.has(op))) return undefined;
    return await tfjs.open(tfjs.write(read, {}));
  },
};

/** What a file says of inputs and outputs. */
type Infos = Readonly<Record<string, { name: string; dtype: number; shape?: ShapeProto }>>;

/** What is read of a SavedModel. */
interface SavedModel {
  readonly metaGraphs: readonly {
    readonly graph: GraphDef;
    readonly signatures: Readonly<Record<string, { inputs: Infos; outputs: Infos }>>;
  }[];
}

function placesOf(infos: Infos): Place[] {
  return Object.entries(infos).map(([name, info]) => ({
    name,
    node: resultOf(info.name).node,
    shape: sizesOf(info.shape),
    dtype: typeOfNumber(info.dtype),
  }));
}

function infoOf(places: readonly Place[]) {
  return Object.fromEntries(
    places.map(({ name, node, shape, dtype }) => [name, {
      name: `${node}:0`,
      dtype: numberOfType(dtype),
      shape: shapeOf(shape),
    }]),
  );
}
