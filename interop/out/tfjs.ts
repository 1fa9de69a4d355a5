/**
 * Graphs as TensorFlow.js graph models.
 *
 * @module
 */
import * as tf from "@realign/core/tf";
import { constantOf, numberOfType, sizesOf } from "../graph/constant.ts";
import type { Place } from "../graph/graph.ts";
import { type Attribute, DataType, type NodeDef } from "../graph/graph_def.ts";
import { withRuntimeBatch } from "../graph/runtime_batch.ts";
import { joinBytes } from "../wire/write.ts";
import type { ModelFiles, ModelFormat, OpenedModel } from "./format.ts";
import { TFJS_OPERATIONS } from "./tfjs_operations.ts";

/** A weight in `model.json`. */
type WeightSpec = tf.io.WeightsManifestEntry;

const TYPE_NAMES: Readonly<Record<number, string>> = {
  [DataType.float]: "DT_FLOAT",
  [DataType.int32]: "DT_INT32",
  [DataType.bool]: "DT_BOOL",
};

/** Two files, `model.json` and `weights.bin`, for `tf.loadGraphModel`. */
export const tfjs: ModelFormat = {
  title: "TensorFlow.js",
  has: (op) => TFJS_OPERATIONS.has(op),
  write(graph, metadata) {
    const { nodes, inputs, outputs, producer } = withRuntimeBatch(graph);
    const weights: WeightSpec[] = [];
    const data: Uint8Array[] = [];
    const node = [...nodes.values()].map((one) => {
      const constant = constantOf(one);
      if (constant) {
        const { shape, dtype, values } = constant;
        weights.push({ name: one.name, shape: [...shape], dtype });
        data.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      }
      return nodeJson(one);
    });
    const model = {
      format: "graph-model",
      generatedBy: "realign",
      convertedBy: null,
      userDefinedMetadata: metadata,
      signature: { inputs: placesJson(inputs), outputs: placesJson(outputs) },
      modelTopology: { node, library: {}, versions: { producer } },
      weightsManifest: [{ paths: ["weights.bin"], weights }],
    };
    return new Map([
      ["weights.bin", joinBytes(data)],
      ["model.json", new TextEncoder().encode(JSON.stringify(model))],
    ]);
  },
  open: openGraphModel,
};

/**
 * Opens a written graph model in memory, by TensorFlow.js's own executor.
 *
 * @param files From the format `tfjs`
 * @returns The model, to be disposed
 */
async function openGraphModel(files: ModelFiles): Promise<OpenedModel> {
  const { modelTopology, signature, weightsManifest: [{ weights }] } = JSON.parse(
    new TextDecoder().decode(files.get("model.json")),
  );
  const artifacts: tf.io.ModelArtifacts = {
    format: "graph-model",
    modelTopology,
    signature,
    weightSpecs: weights,
    weightData: files.get("weights.bin")!.buffer,
  };
  const model = await tf.loadGraphModel({ load: () => Promise.resolve(artifacts) });
  const [input] = Object.keys(signature.inputs);
  const names = Object.keys(signature.outputs);
  return {
    run(images) {
      const results = [model.execute({ [input]: images }, names)].flat();
      return new Map(names.map((name, k) => [name, results[k]]));
    },
    [Symbol.dispose]: () => model.dispose(),
  };
}

function placesJson(places: readonly Place[]) {
  return Object.fromEntries(
    places.map(({ name, node, shape, dtype }) => [name, {
      name: `${node}:0`,
      dtype: TYPE_NAMES[numberOfType(dtype)],
      tensorShape: shapeJson(shape),
    }]),
  );
}

function nodeJson({ name, op, input, attr }: NodeDef) {
  const attributes = Object.entries(attr).filter(([key]) => !key.startsWith("_"))
    .map(([key, value]) => [key, attributeJson(value)]);
  const inputs = input.length > 0 && { input };
  return { name, op, ...inputs, attr: Object.fromEntries(attributes) };
}

/** Protocol buffers as JSON: texts in base64, integers as texts. */
function attributeJson({ list, s, i, f, b, type, shape, tensor }: Attribute): unknown {
  if (type !== undefined) return { type: TYPE_NAMES[type] };
  if (s !== undefined) return { s: s.toBase64() };
  if (i !== undefined) return { i: String(i) };
  if (f !== undefined) return { f };
  if (b !== undefined) return { b: Boolean(b) };
  if (shape) return { shape: shapeJson(sizesOf(shape)) };
  if (tensor) {
    const tensorShape = shapeJson(sizesOf(tensor.shape));
    return { tensor: { dtype: TYPE_NAMES[tensor.dtype!], tensorShape } };
  }
  return {
    list: {
      ...(list?.s?.length && { s: list.s.map((bytes) => bytes.toBase64()) }),
      ...(list?.i?.length && { i: list.i.map(String) }),
      ...(list?.f?.length && { f: list.f }),
    },
  };
}

const shapeJson = (sizes: readonly number[]) => ({
  dim: sizes.map((size) => ({ size: String(size) })),
});
