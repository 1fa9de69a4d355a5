/** Normalisations, products, reductions, parts and resizings against tf's own functions in ONNX's order of axes. */
import { createRandom } from "@realign/core";
import { assertClose, assertGradient, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { readOnnx } from "../model.ts";
import { prepareOnnx } from "../prepare.ts";
import { floats, ints, onnxFile, type WrittenModel, type WrittenNode } from "../testing.ts";

await useTestBackend();
const random = createRandom(3);
const shape: [number, number, number, number] = [2, 4, 6, 3];
const images = tf.tensor4d(random.uniforms(2 * 4 * 6 * 3, -1, 1), shape);
const x = tf.transpose(images, [0, 3, 1, 2]);
const draw = (count: number) => random.uniforms(count, 0.5, 1.5);
const [a, b, c, d] = [1, 2, 3, 4].map(() => draw(3));
const channel = (data: ArrayLike<number>) => tf.tensor(Float32Array.from(data), [3, 1, 1]);
const matrix = draw(6 * 5);
const waves = Float32Array.from({ length: 144 }, (_, k) => Math.sin(k));

interface Case extends WrittenModel {
  readonly expected: () => tf.Tensor;
}

const one = (operator: string, inputs = "x", attributes?: WrittenNode[3]) =>
  [[operator, inputs, "y", attributes]] as const;
const vectors = [
  floats("a", [3], a),
  floats("b", [3], b),
  floats("c", [3], c),
  floats("d", [3], d),
];
const standard = (x: tf.Tensor, axes: number[]) => {
  const { mean, variance } = tf.moments(x, axes, true);
  return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)));
};

const cases: Readonly<Record<string, Case>> = {
  BatchNormalization: {
    nodes: one("BatchNormalization", "x a b c d", { epsilon: 0.01 }),
    weights: vectors,
    expected: () =>
      tf.add(
        tf.mul(
          tf.div(tf.sub(x, channel(c)), channel(d.map((v) => Math.sqrt(v + 0.01)))),
          channel(a),
        ),
        channel(b),
      ),
  },
  InstanceNormalization: {
    nodes: one("InstanceNormalization", "x a b"),
    weights: vectors,
    expected: () => tf.add(tf.mul(standard(x, [2, 3]), channel(a)), channel(b)),
  },
  "GroupNormalization of one group": {
    nodes: one("GroupNormalization", "x a b", { num_groups: { int: 1 } }),
    weights: vectors,
    opset: 21,
    expected: () => tf.add(tf.mul(standard(x, [1, 2, 3]), channel(a)), channel(b)),
  },
  "GroupNormalization of each channel": {
    nodes: one("GroupNormalization", "x a b", { num_groups: { int: 3 } }),
    weights: vectors,
    opset: 18,
    expected: () => tf.add(tf.mul(standard(x, [2, 3]), channel(a)), channel(b)),
  },
  "LayerNormalization of channels, as ConvNeXt has it": {
    nodes: [
      ["Transpose", "x", "t", { perm: [0, 2, 3, 1] }],
      ["LayerNormalization", "t a b", "n", { axis: { int: -1 } }],
      ["Transpose", "n", "y", { perm: [0, 3, 1, 2] }],
    ],
    weights: vectors,
    expected: () => tf.add(tf.mul(standard(x, [1]), channel(a)), channel(b)),
  },
  "LayerNormalization of the last two axes": {
    nodes: one("LayerNormalization", "x m", { axis: { int: 2 } }),
    weights: [floats("m", [4, 6], matrix.slice(0, 24))],
    expected: () => tf.mul(standard(x, [2, 3]), tf.tensor(matrix.slice(0, 24), [4, 6])),
  },
  "Softmax of the last axis": { nodes: one("Softmax"), expected: () => tf.softmax(x) },
  "Softmax of channels": {
    nodes: one("Softmax", "x", { axis: { int: 1 } }),
    expected: () => tf.div(tf.exp(x), tf.sum(tf.exp(x), 1, true)),
  },
  "Softmax of rows": {
    nodes: one("Softmax", "x", { axis: { int: 2 } }),
    expected: () => tf.div(tf.exp(x), tf.sum(tf.exp(x), 2, true)),
  },
  "Softmax of opset 11, of all axes from one on": {
    nodes: one("Softmax"),
    opset: 11,
    expected: () => tf.reshape(tf.softmax(tf.reshape(x, [2, -1])), x.shape),
  },
  LogSoftmax: { nodes: one("LogSoftmax"), expected: () => tf.log(tf.softmax(x)) },
  "Gemm with both factors": {
    nodes: [["Flatten", "x", "f"], ["Gemm", "f w s", "y", {
      alpha: 0.5,
      beta: 2,
      transB: { int: 1 },
    }]],
    weights: [floats("w", [2, 72], waves), floats("s", [2], [1, -1])],
    expected: () => {
      const product = tf.matMul(tf.reshape(x, [2, 72]), tf.tensor2d(waves, [2, 72]), false, true);
      return tf.add(tf.mul(product, 0.5), tf.tensor([2, -2]));
    },
  },
  "MatMul of rows": {
    nodes: one("MatMul", "x w"),
    weights: [floats("w", [6, 5], matrix)],
    expected: () =>
      tf.reshape(tf.matMul(tf.reshape(x, [24, 6]), tf.tensor2d(matrix, [6, 5])), [2, 3, 4, 5]),
  },
  "MatMul of a batch, and of a vector": {
    nodes: [
      ["Transpose", "x", "t", { perm: [0, 1, 3, 2] }],
      ["MatMul", "x t", "p"],
      ["MatMul", "p v", "y"],
    ],
    weights: [floats("v", [4], [1, 2, 3, 4])],
    expected: () => tf.sum(tf.mul(tf.matMul(x, x, false, true), tf.tensor([1, 2, 3, 4])), -1),
  },
  "ReduceMean of pixels, kept": {
    nodes: one("ReduceMean", "x", { axes: [-2, -1] }),
    expected: () => tf.mean(x, [2, 3], true),
  },
  "ReduceMean of pixels by an input": {
    nodes: one("ReduceMean", "x axes", { keepdims: { int: 0 } }),
    weights: [ints("axes", [3, 2])],
    opset: 18,
    expected: () => tf.mean(x, [2, 3]),
  },
  "ReduceSum of all": { nodes: one("ReduceSum"), expected: () => tf.sum(x, [0, 1, 2, 3], true) },
  "ReduceMax of channels": {
    nodes: one("ReduceMax", "x", { axes: [1], keepdims: { int: 0 } }),
    expected: () => tf.max(x, 1),
  },
  "ReduceMin of rows": {
    nodes: one("ReduceMin", "x", { axes: [2] }),
    expected: () => tf.min(x, 2, true),
  },
  "ReduceL2 of channels": {
    nodes: one("ReduceL2", "x", { axes: [1] }),
    expected: () => tf.sqrt(tf.sum(tf.square(x), 1, true)),
  },
  "ReduceL1 of columns": {
    nodes: one("ReduceL1", "x", { axes: [3], keepdims: { int: 0 } }),
    expected: () => tf.sum(tf.abs(x), 3),
  },
  ReduceSumSquare: {
    nodes: one("ReduceSumSquare", "x", { axes: [1] }),
    expected: () => tf.sum(tf.square(x), 1, true),
  },
  GlobalMaxPool: { nodes: one("GlobalMaxPool"), expected: () => tf.max(x, [2, 3], true) },
  "Slice in steps": {
    nodes: one("Slice", "x starts ends axes steps"),
    weights: [
      ints("starts", [1, -1]),
      ints("ends", [2 ** 63, -(2 ** 63)]),
      ints("axes", [2, 3]),
      ints("steps", [2, -2]),
    ],
    expected: () => tf.reverse(tf.gather(tf.gather(x, [1, 3], 2), [1, 3, 5], 3), 3),
  },
  "Slice of channels and rows": {
    nodes: one("Slice", "x starts ends"),
    weights: [ints("starts", [0, 1]), ints("ends", [9, -1])],
    expected: () => tf.slice(x, [0, 1, 0, 0], [-1, 1, -1, -1]),
  },
  "Gather of one row and of several columns": {
    nodes: [["Gather", "x r", "rows", { axis: { int: 2 } }], ["Gather", "rows i", "y", {
      axis: { int: -1 },
    }]],
    weights: [ints("r", [-1], []), ints("i", [5, 0, 0, 2], [2, 2])],
    expected: () => tf.reshape(tf.gather(tf.gather(x, 3, 2), [5, 0, 0, 2], 2), [2, 3, 2, 2]),
  },
  "Concat of both layouts": {
    nodes: [["Transpose", "x", "t", { perm: [0, 1, 3, 2] }], ["Transpose", "t", "p", {
      perm: [0, 1, 3, 2],
    }], [
      "Concat",
      "p x",
      "y",
      { axis: { int: 1 } },
    ]],
    expected: () => tf.concat([x, x], 1),
  },
  "Split of channels by a list": {
    nodes: [["Split", "x sizes", "first second", { axis: { int: 1 } }], [
      "Concat",
      "second first",
      "y",
      { axis: { int: 2 } },
    ]],
    weights: [ints("sizes", [1, 1, 1])],
    outputs: "second",
    expected: () => tf.slice(x, [0, 1, 0, 0], [-1, 1, -1, -1]),
  },
  "Split in equal parts": {
    nodes: [["Split", "x", "p q", { axis: { int: 3 } }], ["Mul", "p q", "y"]],
    expected: () => tf.mul(...tf.split(x, 2, 3) as [tf.Tensor, tf.Tensor]),
  },
  "Pad by a number": {
    nodes: one("Pad", "x pads v"),
    weights: [ints("pads", [0, 1, 2, 0, 0, 0, 0, 3]), floats("v", [], [0.5])],
    expected: () => tf.pad(x, [[0, 0], [1, 0], [2, 0], [0, 3]], 0.5),
  },
  "Pad by reflection": {
    nodes: one("Pad", "x pads", { mode: "reflect" }),
    weights: [ints("pads", [0, 0, 1, 2, 0, 0, 3, 0])],
    expected: () => tf.mirrorPad(x, [[0, 0], [0, 0], [1, 3], [2, 0]], "reflect"),
  },
  "Reshape with 0 and -1": {
    nodes: one("Reshape", "x shape"),
    weights: [ints("shape", [0, -1, 6])],
    expected: () => tf.reshape(x, [2, 12, 6]),
  },
  "Squeeze and Unsqueeze": {
    nodes: [["Unsqueeze", "x axes", "u"], ["Squeeze", "u first", "y"]],
    weights: [ints("axes", [0, -1]), ints("first", [0])],
    expected: () => tf.expandDims(x, -1),
  },
  "Expand and Tile": {
    nodes: [["ReduceMean", "x", "m", { axes: [1] }], ["Expand", "m shape", "e"], [
      "Tile",
      "e counts",
      "y",
    ]],
    weights: [ints("shape", [3, 1, 1]), ints("counts", [1, 2, 1, 1])],
    expected: () => tf.tile(tf.mean(x, 1, true), [1, 6, 1, 1]),
  },
  "Resize to a size, from pixels' centres": {
    nodes: one("Resize", "x - - sizes", {
      mode: "linear",
      coordinate_transformation_mode: "pytorch_half_pixel",
    }),
    weights: [ints("sizes", [2, 3, 7, 9])],
    expected: () =>
      tf.transpose(tf.image.resizeBilinear(images, [7, 9], false, true), [0, 3, 1, 2]),
  },
  "Resize to a size, by corners": {
    nodes: one("Resize", "x - - sizes", {
      mode: "linear",
      coordinate_transformation_mode: "align_corners",
    }),
    weights: [ints("sizes", [2, 3, 7, 9])],
    expected: () => tf.transpose(tf.image.resizeBilinear(images, [7, 9], true), [0, 3, 1, 2]),
  },
  "Resize by repeating": {
    nodes: one("Resize", "x - scales", {
      coordinate_transformation_mode: "asymmetric",
      nearest_mode: "floor",
    }),
    weights: [floats("scales", [4], [1, 1, 2, 3])],
    expected: () =>
      tf.gather(
        tf.gather(x, [0, 0, 1, 1, 2, 2, 3, 3], 2),
        Array.from({ length: 18 }, (_, k) => Math.floor(k / 3)),
        3,
      ),
  },
  "Resize to a smaller size by the nearest": {
    nodes: one("Resize", "x - - sizes", {
      coordinate_transformation_mode: "asymmetric",
      nearest_mode: "floor",
    }),
    weights: [ints("sizes", [2, 3, 3, 6])],
    expected: () => tf.gather(x, [0, 1, 2], 2),
  },
  DepthToSpace: {
    nodes: [["Concat", "x x x x", "four", { axis: { int: 1 } }], ["DepthToSpace", "four", "y", {
      blocksize: { int: 2 },
    }]],
    expected: () =>
      tf.gather(tf.gather(x, [0, 0, 1, 1, 2, 2, 3, 3], 2), [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5], 3),
  },
};

for (const [name, { expected, ...model }] of Object.entries(cases)) {
  Deno.test(`${name} is as defined, and its gradient too`, async () => {
    using prepared = prepareOnnx(await readOnnx(onnxFile(model)));
    const run = (images: tf.Tensor) => [...prepared.run(images as tf.Tensor4D).values()][0];
    const output = run(images);
    assert.deepEqual(output.shape, expected().shape);
    assertClose(output, expected(), 1e-5);
    const weights = tf.tensor(createRandom(8).uniforms(output.size, -1, 1), output.shape);
    assertGradient((x) => tf.sum(tf.mul(run(x), weights)), [images]);
  });
}

Deno.test("ArgMax gives the greatest's place", async () => {
  const nodes: WrittenNode[] = [["ArgMax", "x", "y", { axis: { int: 1 }, keepdims: { int: 0 } }]];
  using prepared = prepareOnnx(await readOnnx(onnxFile({ nodes })));
  assertClose(prepared.run(images).get("y")!, tf.argMax(x, 1));
});
