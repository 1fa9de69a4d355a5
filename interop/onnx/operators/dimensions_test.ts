/** Normalisations, poolings and lengths of values that are no maps, or all 0. */
import { createRandom } from "@realign/core";
import { assertClose, assertGradient, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { readOnnx } from "../model.ts";
import { prepareOnnx } from "../prepare.ts";
import { floats, ints, onnxFile, type WrittenModel, type WrittenNode } from "../testing.ts";

await useTestBackend();
const images = tf.tensor4d(createRandom(3).uniforms(2 * 4 * 6 * 3, -1, 1), [2, 4, 6, 3]);
/** In ONNX's order, rows and columns in one. */
const line = tf.reshape(tf.transpose(images, [0, 3, 1, 2]), [2, 3, 24]);
const weights = [ints("line", [0, 3, -1]), floats("a", [3], [1, 2, 0.5])];
const toLine: WrittenNode = ["Reshape", "x line", "g"];
const column = (...values: number[]) => tf.tensor(values, [values.length, 1]);
const standard = (x: tf.Tensor) => {
  const { mean, variance } = tf.moments(x, [2], true);
  return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)));
};

const cases: Readonly<Record<string, WrittenModel & { readonly expected: tf.Tensor }>> = {
  "GroupNorm as exporters write it, with as many groups as images,": {
    nodes: [
      ["Reshape", "x groups", "g"],
      ["InstanceNormalization", "g scale shift", "n"],
      ["Reshape", "n whole", "y"],
    ],
    weights: [
      ints("groups", [0, 2, -1]),
      floats("scale", [2], [1, 2]),
      floats("shift", [2], [0.5, -1]),
      ints("whole", [0, 3, 4, 6]),
    ],
    expected: tf.reshape(
      tf.add(tf.mul(standard(tf.reshape(line, [2, 2, 36])), column(1, 2)), column(0.5, -1)),
      [2, 3, 4, 6],
    ),
  },
  "GroupNormalization in one dimension": {
    nodes: [toLine, ["GroupNormalization", "g a a", "y", { num_groups: { int: 3 } }]],
    weights,
    opset: 21,
    expected: tf.add(tf.mul(standard(line), column(1, 2, 0.5)), column(1, 2, 0.5)),
  },
  "GlobalAveragePool in one dimension": {
    nodes: [toLine, ["GlobalAveragePool", "g", "y"]],
    weights,
    expected: tf.mean(line, 2, true),
  },
  "GlobalMaxPool in one dimension": {
    nodes: [toLine, ["GlobalMaxPool", "g", "y"]],
    weights,
    expected: tf.max(line, 2, true),
  },
};

for (const [name, { expected, ...model }] of Object.entries(cases)) {
  Deno.test(`${name} is as defined, and its gradient too`, async () => {
    using prepared = prepareOnnx(await readOnnx(onnxFile(model)));
    const run = (images: tf.Tensor) => [...prepared.run(images as tf.Tensor4D).values()][0];
    const output = run(images);
    assert.deepEqual(output.shape, expected.shape);
    assertClose(output, expected, 1e-5);
    const weights = tf.tensor(createRandom(8).uniforms(output.size, -1, 1), output.shape);
    assertGradient((x) => tf.sum(tf.mul(run(x), weights)), [images]);
  });
}

Deno.test("ReduceL2 has the gradient 0 where all is 0, as torch.nn.functional.normalize has it", async () => {
  const nodes: WrittenNode[] = [
    ["Relu", "x", "r"],
    ["ReduceL2", "r", "l", { axes: [1] }],
    ["Clip", "l least", "c"],
    ["Div", "r c", "y"],
  ];
  const model = onnxFile({ nodes, weights: [floats("least", [], [1e-12])] });
  using prepared = prepareOnnx(await readOnnx(model));
  const below = tf.fill([1, 2, 2, 3], -1) as tf.Tensor4D;
  const gradient = tf.grad((x) => tf.sum([...prepared.run(x as tf.Tensor4D).values()][0]))(below);
  assertClose(gradient, tf.zerosLike(below));
});
