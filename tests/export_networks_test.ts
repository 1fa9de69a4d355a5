/**
 * Networks written in other formats, read back and run here.
 */
import { createRandom } from "@realign/core";
import { assertClose, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import {
  checkOnnx,
  freezeFunction,
  type ModelFormatName,
  modelFormats,
  type OnnxMessage,
  type OpenedModel,
  openModel,
  writeModel,
} from "@realign/interop";
import assert from "node:assert/strict";
import { drawImages, type ExportedCase, freezeExported } from "./exported_networks.ts";

await useTestBackend();
const ignore = tf.getBackend() !== "tensorflow";

const FORMATS = Object.keys(modelFormats) as ModelFormatName[];
/** Those that something here runs; a module of PyTorch is run by tests/export_peers_test.ts. */
const RUN = FORMATS.filter((format) => format !== "torch");

/** Fails unless a model that was read back gives what the function gives. */
function compare(model: OpenedModel, { size, compute, frozen }: ExportedCase): void {
  for (const count of [1, 3]) {
    tf.tidy(() => {
      const images = drawImages(count, size);
      const expected = compute(images);
      const names = Object.keys(expected);
      assert.deepEqual(frozen.graph.outputs.map(({ name }) => name), names);
      const results = model.run(images);
      assert.deepEqual([...results.keys()].sort(), names.toSorted());
      for (const [name, result] of results) {
        assert.deepEqual(result.shape, expected[name].shape, name);
        assertClose(result, expected[name], 1e-5);
      }
    });
  }
}

Deno.test({
  name: "networks written in every format compute the same at any batch size",
  ignore,
  async fn(t) {
    using stack = new DisposableStack();
    for (const exported of freezeExported(stack)) {
      const { name, frozen } = exported;
      await t.step(name, async () => {
        const before = tf.memory().numTensors;
        assert.equal(frozen.obstacle, undefined);
        for (const format of RUN) {
          using model = await openModel(writeModel(frozen.graph, format), format);
          assert.ok(model, format);
          compare(model, exported);
        }
        assert.equal(tf.memory().numTensors, before);
      });
    }
  },
});

Deno.test({
  name: "networks written as ONNX are well formed and say their shapes",
  ignore,
  fn() {
    using stack = new DisposableStack();
    for (const { name, size, compute, frozen: { graph } } of freezeExported(stack)) {
      const bytes = writeModel(graph, "onnx", { run: "r", warnings: ["w"] }).get("model.onnx")!;
      const model = checkOnnx(bytes);
      assert.deepEqual(model.opsets?.map(({ version }) => version), [18], name);
      assert.deepEqual(model.metadata, [
        { key: "run", value: "r" },
        { key: "warnings", value: '["w"]' },
      ]);
      const dims = (places: readonly OnnxMessage<"ValueInfo">[] = []) =>
        places.map(({ name, type }) => [name, type?.tensor?.shape?.dims]);
      const [rows, columns, channels] = [...size, 3].map((size) => ({ size }));
      const batch = { name: "batch" };
      assert.deepEqual(dims(model.graph?.inputs), [["images", [batch, rows, columns, channels]]]);
      tf.tidy(() => {
        const expected = Object.entries(compute(drawImages(1, size)));
        assert.deepEqual(
          dims(model.graph?.outputs),
          expected.map((
            [name, { shape }],
          ) => [name, [batch, ...shape.slice(1).map((size) => ({ size }))]]),
        );
      });
      // A byte less is not well formed.
      assert.throws(() => checkOnnx(bytes.subarray(0, -1)), /cut off/);
    }
  },
});

Deno.test({
  name: "channels first, and a fixed batch size, where they are asked for",
  ignore,
  async fn() {
    const filter = tf.tensor4d(createRandom(1).uniforms(24, -1, 1), [2, 2, 3, 2]);
    const compute = (images: tf.Tensor4D) => ({
      edges: tf.conv2d(images, filter, 1, "same"),
      means: tf.mean(images, [1, 2]),
    });
    const { graph, batch } = freezeFunction(compute, { size: [4, 5], layout: "nchw", batch: 2 });
    assert.equal(batch, 2);
    assert.deepEqual(graph.inputs[0].shape, [2, 3, 4, 5]);
    for (const format of RUN) {
      using model = await openModel(writeModel(graph, format), format);
      tf.tidy(() => {
        const images = drawImages(2, [4, 5]);
        const results = model!.run(tf.transpose(images, [0, 3, 1, 2]));
        const { edges, means } = compute(images);
        assertClose(tf.transpose(results.get("edges")!, [0, 2, 3, 1]), edges, 1e-5);
        assertClose(results.get("means")!, means, 1e-5);
      });
    }
    filter.dispose();
  },
});

Deno.test({
  name: "a damaged file of any format is not opened",
  ignore,
  async fn() {
    const { graph } = freezeFunction((images) => ({ half: tf.mul(images, 0.5) }), { size: [4, 5] });
    for (const format of FORMATS) {
      const files = [...writeModel(graph, format)];
      const cut = new Map(files.map(([name, bytes]) => [name, bytes.subarray(0, -1)]));
      await assert.rejects(openModel(cut, format), format);
    }
  },
});

Deno.test({
  name: "a batch size that is a part of the computation stays, and is said",
  ignore,
  fn() {
    const compute = (images: tf.Tensor4D) => ({
      // As many images as the mean is over.
      shared: tf.div(images, images.shape[0]),
    });
    const { batch, obstacle, graph } = freezeFunction(compute, { size: [4, 4] });
    assert.equal(batch, 1);
    assert.match(obstacle!, /^RealDiv_\d+ \(RealDiv\) reads a constant of \[\] that differs$/);
    assert.deepEqual(graph.outputs[0].shape, [1, 4, 4, 3]);
  },
});

Deno.test({
  name: "an operation that a format lacks is named before anything is written",
  ignore,
  fn() {
    const { graph } = freezeFunction((images) => ({ sums: tf.cumsum(images, 1) }), {
      size: [4, 4],
    });
    assert.throws(
      () => writeModel(graph, "onnx"),
      /^Error: Cannot write the graph as ONNX as it has nothing for Cumsum: choose tensorflow$/,
    );
    const filtered = (images: tf.Tensor4D) => ({
      // A filter that depends on the images.
      own: tf.conv2d(images, tf.reshape(tf.mean(images, [0, 1, 2]), [1, 1, 3, 1]), 1, "same"),
    });
    const own = freezeFunction(filtered, { size: [4, 4] });
    assert.throws(
      () => writeModel(own.graph, "onnx"),
      /^Error: Cannot write Conv2D_\d+ \(Conv2D\) as ONNX as its weights must be a constant$/,
    );
  },
});
