import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { freezeGraph } from "./frozen_graph.ts";

await useTestBackend();
const ignore = tf.getBackend() !== "tensorflow";

/** How often words stand in a graph's bytes. */
const count = (bytes: Uint8Array, word: string) =>
  new TextDecoder("latin1").decode(bytes).split(word).length - 1;

Deno.test({
  name: "freezeGraph names inputs and outputs, and makes constants of weights",
  ignore,
  fn() {
    using stack = new DisposableStack();
    const weight = tf.variable(tf.tensor2d([1, 2, 3, 4], [2, 2]));
    const root = tf.tensor1d([2, 3]);
    stack.defer(() => tf.dispose([weight, root]));
    const x = tf.zeros([3, 2]);
    const compute = ({ x }: tf.NamedTensorMap) => {
      const y = tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D);
      return { y, heads: [tf.add(y, tf.square(root)), x], size: 2 };
    };
    const before = tf.memory().numTensors;
    const graph = freezeGraph(compute, { x });
    assert.equal(tf.memory().numTensors, before);
    assert.deepEqual(graph.inputs.map(({ name, shape }) => [name, shape]), [["x", [3, 2]]]);
    assert.deepEqual(
      graph.outputs.map(({ name, shape, dtype }) => [name, shape, dtype]),
      ["y", "heads.0", "heads.1"].map((name) => [name, [3, 2], "float32"]),
    );
    assert.equal(new Set(graph.outputs.map(({ node }) => node)).size, 3);
    assert.equal(count(graph.bytes, "Placeholder"), 1);
    assert.equal(count(graph.bytes, "Const"), 2);
    assert.equal(count(graph.bytes, "Square"), 0);
    const floats = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
    assert.equal(count(graph.bytes, new TextDecoder("latin1").decode(floats)), 1);
    assert.deepEqual(graph.shapes.get(graph.outputs[1].node), [[3, 2]]);
    // What runs afterwards is run, not written down.
    assert.equal(tf.tidy(() => tf.sum(weight).dataSync()[0]), 10);
    x.dispose();
  },
});

Deno.test({
  name: "freezeGraph refuses what recording refuses, and goes on after it",
  ignore,
  fn() {
    const weight = tf.variable(tf.scalar(1));
    const x = tf.scalar(2);
    const before = tf.memory().numTensors;
    const refused = (compute: (inputs: tf.NamedTensorMap) => tf.TensorContainer, why: RegExp) =>
      assert.throws(() => freezeGraph(compute, { x }, { name: "two" }), why);
    refused(({ x }) => {
      weight.assign(tf.mul(x, 2) as tf.Scalar);
      return { x };
    }, /Cannot record "two" as it assigns the variable/);
    refused(({ x }) => tf.mul(x, createRandom(1).uniforms(1, 0, 1)[0]), /two/);
    refused(({ x }) => tf.mul(x, x.dataSync()[0]), /reads a tensor's values/);
    assert.equal(weight.dataSync()[0], 1);
    assert.equal(tf.memory().numTensors, before);
    assert.equal(freezeGraph(({ x }) => x, { x }).outputs[0].name, "");
    tf.dispose([weight, x]);
  },
});

Deno.test("freezeGraph needs a backend that records", async () => {
  const backend = tf.getBackend();
  await tf.setBackend("cpu");
  assert.throws(
    () => freezeGraph(({ x }) => x, { x: tf.scalar(1) }, { name: "G" }),
    /^Error: Cannot write "G" as a graph as that needs the tensorflow backend: current backend is cpu$/,
  );
  await tf.setBackend(backend);
});
