/** What is wrong with a file is one line, and nothing that a file holds is run. */
import { createRandom } from "@realign/core";
import { assertClose, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { prepareOnnx } from "../onnx/prepare.ts";
import { readModel } from "../read_model.ts";
import { readTfjs } from "./read_tfjs.ts";
import { graphFiles, readFiles, savedLayers, type TfjsFiles } from "./testing.ts";

await useTestBackend();
const images = tf.ones([1, 8, 8, 3]) as tf.Tensor4D;

const files = (): TfjsFiles =>
  graphFiles(
    [["Conv2D", "conv", "x k", { strides: [1, 1, 1, 1], padding: "SAME" }], [
      "Mean",
      "y",
      "conv rows",
      { keep_dims: false },
    ]],
    {
      k: { shape: [1, 1, 3, 2], values: [1, 2, 3, 4, 5, 6] },
      rows: { shape: [2], values: [1, 2], isInteger: true },
    },
    { y: [-1, 2] },
  );

/** Reads files after a change, and runs them. */
async function run(change: (files: TfjsFiles) => TfjsFiles | void): Promise<tf.Tensor> {
  const own = files();
  using network = prepareOnnx(await readFiles(change(own) ?? own));
  return tf.tidy(() => network.run(images).get(network.outputs[0])!);
}

Deno.test("weights are read from several shards and groups, and quantised ones widened", async () => {
  const expected = [9, 12];
  assertClose(await run(() => {}), expected);
  const quantised: Readonly<Record<string, readonly [object, Uint8Array]>> = {
    uint8: [{ scale: 0.5, min: 1 }, Uint8Array.from([0, 2, 4, 6, 8, 10])],
    uint16: [
      { scale: 0.01, min: 1 },
      new Uint8Array(Uint16Array.from([0, 100, 200, 300, 400, 500]).buffer),
    ],
    float16: [{}, new Uint8Array(new Float16Array([1, 2, 3, 4, 5, 6]).buffer)],
  };
  for (const [dtype, [levels, bytes]] of Object.entries(quantised)) {
    const result = await run(({ json, weights }) => {
      const [weight] = json.weightsManifest[0].weights;
      weight.quantization = { ...levels, dtype, original_dtype: "float32" };
      return { json, weights: new Uint8Array([...bytes, ...weights.subarray(24)]) };
    });
    assertClose(result, expected, 1e-5);
  }
  const { json, weights } = files();
  const [{ weights: [kernel, rows] }] = json.weightsManifest;
  json.weightsManifest = [
    { paths: ["a.bin", "b.bin"], weights: [kernel] },
    { paths: ["sub/c.bin"], weights: [rows] },
  ];
  const shards = new Map([
    ["a.bin", weights.subarray(0, 7)],
    ["b.bin", weights.subarray(7, 24)],
    ["sub/c.bin", weights.subarray(24)],
  ]);
  const model = await readModel(new TextEncoder().encode(` \n${JSON.stringify(json)}`), {
    readBeside: (path) => Promise.resolve(shards.get(path)!),
  });
  using network = prepareOnnx(model);
  assertClose(network.run(images).get("y")!, expected);
});

/** Changes of a file, and what is said of it behind "Cannot read model.json as". */
const faults: Readonly<Record<string, readonly [(files: TfjsFiles) => TfjsFiles | void, RegExp]>> =
  {
    "short shards": [
      ({ json, weights }) => ({ json, weights: weights.subarray(1) }),
      /its weights must have 32 bytes: its shards hold 31$/,
    ],
    "a shard that is not there": [
      ({ json }) => void (json.weightsManifest[0].paths = ["other.bin"]),
      /its shard "other.bin" is not there$/,
    ],
    "a shard outside the folder": [
      ({ json }) => void (json.weightsManifest[0].paths = ["../weights.bin"]),
      /its weights must lie in the model's folder: they are in "..\/weights.bin"$/,
    ],
    "weights of texts": [
      ({ json }) => void (json.weightsManifest[0].weights[0].dtype = "string"),
      /its weight "k" must be of float32, int32, bool: it is of string$/,
    ],
    "weights of another quantisation": [
      ({ json }) => void (json.weightsManifest[0].weights[0].quantization = { dtype: "int4" }),
      /its weight "k" must be quantised to float16, uint8 or uint16: it is to int4$/,
    ],
    "weights of half a number": [
      ({ json }) => void (json.weightsManifest[0].weights[0].shape = [1.5]),
      /its weight "k" must have a shape of whole numbers$/,
    ],
    "a constant without weights": [
      ({ json }) => void (json.weightsManifest[0].weights[0].name = "other"),
      /its constant "k" is among no weights$/,
    ],
    "an operation that reads itself": [
      ({ json }) => void (json.modelTopology.node.at(-2).input[0] = "y"),
      /its operation "(conv|y)" needs its own result$/,
    ],
    "copies of each other at the end": [
      ({ json }) => {
        json.modelTopology.node.push(
          { name: "a", op: "Identity", input: ["b"] },
          { name: "b", op: "Identity", input: ["a"] },
        );
        const dim = [-1, 8, 8, 3].map((size) => ({ size: `${size}` }));
        json.signature.outputs = { a: { name: "a:0", tensorShape: { dim } } };
      },
      /its operation "(a|b)" needs its own result$/,
    ],
    "an operation that reads nothing": [
      ({ json }) => void (json.modelTopology.node.at(-1).input[0] = "none"),
      /its operation "none" is not in its graph$/,
    ],
    "an input that is none": [
      ({ json }) => void (json.signature.inputs.x.name = "none:0"),
      /its input "none" is no operation of its graph$/,
    ],
    "no operations": [
      ({ json }) => void (json.modelTopology.node = []),
      /its graph has no operations$/,
    ],
    "no topology": [
      ({ json }) => void (delete json.modelTopology),
      /it is no TensorFlow.js model: it has no graph or layers$/,
    ],
  };

for (const [name, [change, message]] of Object.entries(faults)) {
  Deno.test(`a graph model with ${name} is refused in one line`, async () => {
    await assert.rejects(run(change), (error: Error) => {
      assert.match(error.message, /^Cannot read model\.json as [^\n]+$/);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("what is no JSON is said so", async () => {
  const read = (text: string) => readTfjs(new TextEncoder().encode(text), { origin: "m.json" });
  await assert.rejects(
    read('{"modelTopology":'),
    /^Error: Cannot read m.json as it is no JSON: [^\n]+$/,
  );
  await assert.rejects(read("[]"), /Cannot read m.json as it is no TensorFlow.js model: its JSON/);
});

Deno.test("layers that are not here are named, and their code is not run", async () => {
  const model = tf.sequential({
    layers: [tf.layers.conv2d({ inputShape: [8, 8, 3], filters: 2, kernelSize: 1, name: "conv" })],
  });
  const saved = await savedLayers(model);
  const change = (edit: (list: Record<string, unknown>[]) => void) => {
    const json = structuredClone(saved.json);
    edit(json.modelTopology.config.layers);
    return readFiles({ ...saved, json });
  };
  const config = { name: "code", function: "globalThis.ran = true" };
  await assert.rejects(
    change((list) =>
      list.push({ class_name: "Lambda", config }, { class_name: "toString", config })
    ),
    /^Error: Cannot read model.json as its layers Lambda "code", toString "code" are not here$/,
  );
  assert.ok(!("ran" in globalThis));
  await assert.rejects(
    change(([{ config }]) => (config as Record<string, unknown>).name = "other"),
    /^Error: Cannot read model.json as its Conv2D "other" has no weight "kernel"$/,
  );
  await assert.rejects(
    change(([{ config }]) => (config as Record<string, unknown>).data_format = "channels_first"),
    /its Conv2D "conv" must have channels_last: it has channels_first$/,
  );
});

Deno.test("200 mutated models end in outputs or in one line", async () => {
  const random = createRandom(6);
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [8, 8, 3], filters: 2, kernelSize: 1 }),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dense({ units: 2, activation: "softmax" }),
    ],
  });
  const saved = [files(), await savedLayers(model)];
  const before = tf.memory().numTensors;
  let count = 0;
  for (let round = 0; round < 200; round++) {
    const { json, weights } = saved[round % 2];
    const bytes = new TextEncoder().encode(JSON.stringify(json));
    bytes[random.integer(bytes.length)] = 32 + random.integer(95);
    try {
      using network = prepareOnnx(
        await readTfjs(bytes, {
          origin: "model.json",
          readBeside: () => Promise.resolve(weights),
        }),
      );
      tf.tidy(() => void network.run(images));
      count++;
    } catch (error) {
      assert.match((error as Error).message, /^Cannot (read|run|load) [^\n]+$/);
    }
  }
  assert.ok(count > 20 && count < 180, `${count} of 200 were run`);
  assert.equal(tf.memory().numTensors, before);
});
