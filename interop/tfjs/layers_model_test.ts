/** Layers models against TensorFlow.js's own layers. */
import { createRandom } from "@realign/core";
import { record } from "@realign/core/backend";
import { assertClose, assertNoLeak, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { unsupportedNodes } from "../onnx/graph.ts";
import { prepareOnnx } from "../onnx/prepare.ts";
import { suggestAdapter } from "../onnx/suggest.ts";
import { freezeFunction } from "../out/freeze_function.ts";
import {
  assertSameFunction,
  drawWeights,
  gradientOf,
  readFiles,
  resultOf,
  savedLayers,
} from "./testing.ts";

await useTestBackend();
const { layers } = tf;

function drawImages([height, width]: readonly [number, number]): tf.Tensor4D {
  const values = createRandom(2, "images").uniforms(2 * height * width * 3, 0, 1);
  return tf.tensor4d(values, [2, height, width, 3]);
}

/** Fails unless a model that is saved and read computes the same, and has the same gradient. */
async function assertSame(model: tf.LayersModel, size: readonly [number, number] = [9, 8]) {
  drawWeights(model);
  const read = await readFiles(await savedLayers(model));
  assert.deepEqual(unsupportedNodes(read), []);
  using network = prepareOnnx(read);
  assert.equal(network.layout, "nhwc");
  const [name] = network.outputs;
  const own = (x: tf.Tensor) => model.apply(x) as tf.Tensor;
  assertSameFunction((x) => resultOf(network, name, x), own, drawImages(size));
  return read;
}

const inputShape = [9, 8, 3];
const first = () => layers.conv2d({ inputShape, filters: 4, kernelSize: 3, padding: "same" });
const sequences: Readonly<Record<string, () => tf.layers.Layer[]>> = {
  "convolutions, strides, dilations": () => [
    first(),
    layers.conv2d({
      filters: 5,
      kernelSize: [3, 2],
      strides: [2, 1],
      padding: "same",
      useBias: false,
    }),
    layers.conv2d({
      filters: 4,
      kernelSize: 2,
      dilationRate: 2,
      padding: "same",
      activation: "elu",
    }),
    layers.depthwiseConv2d({
      kernelSize: 3,
      depthMultiplier: 2,
      padding: "same",
      activation: "relu",
    }),
    layers.separableConv2d({ filters: 3, kernelSize: 2, activation: "sigmoid" }),
  ],
  "transposed convolutions": () => [
    first(),
    layers.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: "same" }),
    layers.conv2dTranspose({ filters: 2, kernelSize: 4, strides: 3, padding: "same" }),
    layers.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2 }),
    layers.conv2dTranspose({ filters: 2, kernelSize: 2, strides: 2 }),
  ],
  "pools, borders, sizes": () => [
    layers.zeroPadding2d({ inputShape, padding: [[1, 2], [0, 3]] }),
    layers.maxPooling2d({ poolSize: 3, strides: 2, padding: "same" }),
    layers.upSampling2d({ size: [2, 3] }),
    layers.cropping2D({ cropping: [[1, 0], [2, 1]] }),
    layers.averagePooling2d({ poolSize: [2, 3], strides: 1, padding: "same" }),
    layers.upSampling2d({ size: [2, 2], interpolation: "bilinear" }),
    layers.averagePooling2d({ poolSize: 2 }),
    layers.globalMaxPooling2d({}),
  ],
  "normalisations and activations": () => [
    first(),
    layers.batchNormalization({ scale: false }),
    layers.leakyReLU({ alpha: 0.1 }),
    layers.layerNormalization({ center: false }),
    layers.prelu({ sharedAxes: [1, 2] }),
    layers.batchNormalization({}),
    layers.elu({}),
    layers.activation({ activation: "softplus" }),
    layers.reLU({ maxValue: 1 }),
    layers.activation({ activation: "swish" }),
    layers.activation({ activation: "hardSigmoid" }),
    layers.activation({ activation: "softmax" }),
  ],
  "shapes": () => [
    first(),
    layers.gaussianNoise({ stddev: 1 }),
    layers.permute({ dims: [3, 1, 2] }),
    layers.reshape({ targetShape: [8, 9, 4] }),
    layers.activation({ activation: "softsign" }),
    layers.flatten(),
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: 6, activation: "tanh" }),
    layers.dense({ units: 5, activation: "selu" }),
    layers.dense({ units: 4, useBias: false }),
    layers.softmax({}),
  ],
};

for (const [name, create] of Object.entries(sequences)) {
  Deno.test(`a sequence of layers is TensorFlow.js's, and so is its gradient: ${name}`, async () => {
    await assertSame(tf.sequential({ layers: create() }));
  });
}

/** A graph of layers, of which one is used twice and one is a model. */
function graphOfLayers(): tf.LayersModel {
  const x = tf.input({ shape: [null, null, 3], name: "images" });
  const shared = layers.conv2d({ filters: 3, kernelSize: 3, padding: "same", name: "shared" });
  const inner = tf.sequential({
    name: "inner",
    layers: [
      layers.conv2d({ inputShape: [null, null, 3], filters: 4, kernelSize: 1 }),
      layers.batchNormalization({}),
    ],
  });
  const apply = (layer: tf.layers.Layer, ...inputs: tf.SymbolicTensor[]) =>
    layer.apply(inputs.length === 1 ? inputs[0] : inputs) as tf.SymbolicTensor;
  const once = apply(shared, x);
  const twice = apply(shared, apply(layers.reLU({}), once));
  const sum = apply(layers.add(), once, twice, x);
  const product = apply(layers.multiply(), sum, apply(layers.average(), once, x));
  const most = apply(layers.maximum(), product, apply(layers.minimum(), x, once));
  const joined = apply(layers.concatenate(), most, apply(inner as unknown as tf.layers.Layer, sum));
  const pooled = apply(layers.globalAveragePooling2d({ name: "pooled" }), joined);
  const y = apply(layers.dense({ units: 5, activation: "softmax", name: "classes" }), pooled);
  return tf.model({ inputs: x, outputs: y });
}

Deno.test("a graph of layers, one used twice, one a model itself; its logits are before the softmax", async () => {
  const read = await assertSame(graphOfLayers());
  assert.deepEqual(suggestAdapter(read), {
    logits: "classes/BiasAdd",
    probabilities: "classes",
    features: "pooled",
    classes: 5,
    featureLength: 7,
    layout: "nhwc",
  });
});

Deno.test("Keras 2 and 3 write the same graph in other words", async () => {
  const model = graphOfLayers();
  drawWeights(model);
  const files = await savedLayers(model);
  const two = await readFiles(files);
  const { config } = files.json.modelTopology;
  // deno-lint-ignore no-explicit-any
  const tensorOf = ([layer, node]: any) => (
    { class_name: "__keras_tensor__", config: { keras_history: [layer, node, 0] } }
  );
  for (const layer of config.layers) {
    layer.inbound_nodes = layer.inbound_nodes.map((node: unknown[]) => {
      const tensors = node.map(tensorOf);
      return { args: tensors.length > 1 ? [tensors] : tensors, kwargs: {} };
    });
    if (layer.class_name === "InputLayer") {
      layer.config.batch_shape = layer.config.batch_input_shape;
    }
    delete layer.config.batch_input_shape;
  }
  [config.output_layers] = config.output_layers;
  const topology = { keras_version: "3.0.0", model_config: { class_name: "Functional", config } };
  const three = await readFiles({ ...files, json: { ...files.json, modelTopology: topology } });
  assert.notEqual(three.digest, two.digest);
  assert.deepEqual({ ...three, digest: two.digest }, two);
});

Deno.test("a layers model is recorded with a gradient, without leaks, and without a transposition", async () => {
  const model = tf.sequential({
    layers: [
      first(),
      layers.batchNormalization({}),
      layers.reLU({ maxValue: 6 }),
      layers.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: "same" }),
      layers.maxPooling2d({ poolSize: 2, padding: "same" }),
      layers.conv2d({ filters: 4, kernelSize: 1, activation: "relu" }),
      layers.globalAveragePooling2d({}),
      layers.dense({ units: 5, activation: "softmax" }),
    ],
  });
  drawWeights(model);
  const read = await readFiles(await savedLayers(model));
  const { logits } = suggestAdapter(read);
  using network = prepareOnnx(read, { outputs: [logits] });
  const images = drawImages([9, 8]);
  const run = (x: tf.Tensor) => network.run(x as tf.Tensor4D).get(logits)!;
  using step = record(({ x }: { x: tf.Tensor4D }) => gradientOf(run)(x), { name: "layers" });
  assertClose(step({ x: images }), gradientOf(run)(images), 1e-5);
  assertClose(tf.softmax(run(images)), model.apply(images) as tf.Tensor, 1e-5);
  await assertNoLeak(() => step({ x: images }).dispose());
  await assertNoLeak(() => {
    using again = prepareOnnx(read);
    tf.tidy(() => {
      again.run(images);
    });
  });
  if (tf.getBackend() !== "tensorflow") return;
  const gradient = (x: tf.Tensor4D) => ({ gradient: gradientOf(run)(x) });
  const { graph } = freezeFunction(gradient, { size: [9, 8], batch: 2 });
  const own = freezeFunction(
    (x) => ({ gradient: gradientOf((x) => model.apply(x) as tf.Tensor)(x) }),
    { size: [9, 8], batch: 2 },
  );
  const count = ({ nodes }: typeof graph, op?: string) =>
    [...nodes.values()].filter((node) => node.op === op || !op && node.op !== "Const").length;
  assert.equal(count(graph, "Transpose"), 0);
  assert.ok(count(graph) <= count(own.graph), `${count(graph)} operations`);
});
