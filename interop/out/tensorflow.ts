/**
 * Graphs as SavedModels of TensorFlow.
 *
 * @module
 */
import { numberOfType, shapeOf, sizesOf, typeOfNumber } from "../graph/constant.ts";
import { type Graph, type Place, resultOf } from "../graph/graph.ts";
import {
  entriesOf,
  graphOfMessage,
  messageOfGraph,
  recordOf,
  TENSORFLOW,
  type TensorflowMessage,
} from "../graph/graph_def.ts";
import { withRuntimeBatch } from "../graph/runtime_batch.ts";
import { readMessage, writeMessage } from "../wire/mod.ts";
import type { ModelFormat } from "./format.ts";
import { tfjs } from "./tfjs.ts";

const FILE = "saved_model.pb";
/** The tag, signature and method that TensorFlow and TensorFlow Serving look for. */
const [TAG, SIGNATURE, METHOD] = ["serve", "serving_default", "tensorflow/serving/predict"];

/** One file, `saved_model.pb`, with the signature "serving_default": its weights are constants of the graph. */
export const tensorflow: ModelFormat = {
  title: "TensorFlow",
  has: () => true,
  write(graph) {
    const { nodes, inputs, outputs, producer } = withRuntimeBatch(graph);
    const signature = { inputs: infosOf(inputs), outputs: infosOf(outputs), method: METHOD };
    const bytes = writeMessage(TENSORFLOW, "SavedModel", {
      schemaVersion: 1,
      metaGraphs: [{
        information: { tags: [TAG] },
        graph: messageOfGraph({ node: [...nodes.values()], producer }),
        signatures: entriesOf({ [SIGNATURE]: signature }),
      }],
    });
    return new Map([[FILE, bytes]]);
  },
  /** By way of TensorFlow.js, if it has all operations. */
  async open(files) {
    const { metaGraphs } = readMessage(TENSORFLOW, "SavedModel", files.get(FILE)!, FILE);
    const { graph, signatures } = metaGraphs?.[0] ?? {};
    const signature = recordOf(signatures)[SIGNATURE];
    if (!graph || !signature) {
      throw new Error(`Cannot read ${FILE} as it has no graph with the signature "${SIGNATURE}"`);
    }
    const { node, producer } = graphOfMessage(graph);
    const read: Graph = {
      nodes: new Map(node.map((one) => [one.name, one])),
      inputs: placesOf(signature.inputs),
      outputs: placesOf(signature.outputs),
      shapes: new Map(),
      producer,
    };
    if (!node.every(({ op }) => tfjs.has(op))) return undefined;
    return await tfjs.open(tfjs.write(read, {}));
  },
};

/** What a file says of inputs or outputs. */
type Infos = TensorflowMessage<"Signature">["inputs"];

function placesOf(infos: Infos): Place[] {
  return Object.entries(recordOf(infos)).map(([name, { name: result = "", dtype = 0, shape }]) => ({
    name,
    node: resultOf(result).node,
    shape: sizesOf(shape),
    dtype: typeOfNumber(dtype),
  }));
}

function infosOf(places: readonly Place[]): Infos {
  return places.map(({ name, node, shape, dtype }) => ({
    key: name,
    value: { name: `${node}:0`, dtype: numberOfType(dtype), shape: shapeOf(shape) },
  }));
}
