/** Graph models against TensorFlow.js's own executor. */
import { createRandom } from "@realign/core";
import { record } from "@realign/core/backend";
import { assertClose, assertNoLeak, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { describeUnsupported, unsupportedNodes } from "../onnx/graph.ts";
import { prepareOnnx } from "../onnx/prepare.ts";
import { suggestAdapter } from "../onnx/suggest.ts";
import {
  assertSameFunction,
  gradientOf,
  graphFiles,
  int,
  ints,
  openGraph,
  readFiles,
  resultOf,
  type TfjsFiles,
  type WrittenConstant,
  type WrittenOperation,
} from "./testing.ts";

await useTestBackend();
const random = createRandom(3);
const images = tf.tensor4d(random.uniforms(2 * 8 * 8 * 3, -1, 1), [2, 8, 8, 3]);

const floats = (...shape: number[]): WrittenConstant => {
  const size = shape.reduce((product, side) => product * side, 1);
  return { shape, values: random.uniforms(size, 0.2, 0.9).map((x, k) => k % 3 === 1 ? -x : x) };
};
const positive = (...shape: number[]): WrittenConstant => {
  const { values } = floats(...shape);
  return { shape, values: Array.from(values, Math.abs) };
};
/** Fails unless a graph computes what TensorFlow.js's executor does, and has its gradient. */
async function assertSame(files: TfjsFiles, outputs: readonly string[]): Promise<void> {
  const read = await readFiles(files);
  assert.deepEqual(unsupportedNodes(read).map(describeUnsupported), []);
  assert.deepEqual(read.outputs.map(({ name }) => name), outputs);
  using network = prepareOnnx(read);
  const own = await openGraph(files);
  for (const name of outputs) {
    const expected = (x: tf.Tensor) => own.execute({ x }, name) as tf.Tensor;
    assertSameFunction((x) => resultOf(network, name, x), expected, images);
  }
  own.dispose();
}

const window = (strides: number, padding: string) => (
  { strides: [1, strides, strides, 1], dilations: [1, 1, 1, 1], padding, data_format: "NHWC" }
);

const fused: readonly WrittenOperation[] = [
  ["_FusedConv2D", "conv", "x k b", {
    ...window(2, "SAME"),
    fused_ops: ["BiasAdd", "Relu6"],
    num_args: 1,
  }],
  ["FusedDepthwiseConv2dNative", "depth", "conv d e", {
    ...window(1, "SAME"),
    fused_ops: ["BiasAdd", "Elu"],
    num_args: 1,
  }],
  ["_FusedConv2D", "leaky", "depth p q", {
    ...window(1, "VALID"),
    fused_ops: ["BiasAdd", "LeakyRelu"],
    num_args: 1,
    leakyrelu_alpha: 0.3,
  }],
  ["FusedBatchNormV3", "norm", "leaky scale shift mean variance", {
    epsilon: 0.01,
    is_training: false,
  }],
  ["Prelu", "prelu", "norm slope"],
  ["Mean", "pooled", "prelu rows", { keep_dims: false }],
  ["_FusedMatMul", "classes", "pooled m n", {
    fused_ops: ["BiasAdd"],
    num_args: 1,
    transpose_a: false,
    transpose_b: true,
  }],
  ["Softmax", "probabilities", "classes"],
];
const fusedConstants = {
  k: floats(3, 3, 3, 4),
  b: floats(4),
  d: floats(3, 3, 4, 2),
  e: floats(8),
  p: floats(2, 2, 8, 5),
  q: floats(5),
  scale: floats(5),
  shift: floats(5),
  mean: floats(5),
  variance: positive(5),
  slope: floats(5),
  rows: ints(1, 2),
  m: floats(6, 5),
  n: floats(6),
};

/** Graphs: what they are, operations, constants, shapes of their outputs. */
const graphs: Readonly<
  Record<
    string,
    readonly [
      readonly WrittenOperation[],
      Record<string, WrittenConstant>,
      Record<string, number[]>,
    ]
  >
> = {
  "joined operations": [fused, fusedConstants, { probabilities: [-1, 6] }],
  "windows and maps at the end": [
    [
      ["Conv2D", "conv", "x k", window(1, "VALID")],
      ["BiasAdd", "maps", "conv b"],
      ["MaxPool", "most", "maps", { ...window(2, "SAME"), ksize: [1, 3, 3, 1] }],
      ["AvgPool", "means", "maps", { ...window(2, "SAME"), ksize: [1, 3, 2, 1] }],
      ["ResizeBilinear", "large", "means size", { align_corners: false, half_pixel_centers: true }],
      ["ResizeNearestNeighbor", "near", "most size", {
        align_corners: false,
        half_pixel_centers: true,
      }],
      ["AddV2", "sum", "large near"],
      ["Softmax", "shares", "sum"],
      ["DepthToSpace", "woven", "sum", { block_size: 2, data_format: "NHWC" }],
    ],
    { k: floats(3, 3, 3, 4), b: floats(4), size: ints(7, 5) },
    { shares: [-1, 7, 5, 4], woven: [-1, 14, 10, 1] },
  ],
  "shapes that are computed": [
    [
      ["Shape", "shape", "x", { out_type: "DT_INT32" }],
      ["StridedSlice", "batch", "shape zero one one", {
        begin_mask: 0,
        end_mask: 0,
        shrink_axis_mask: 1,
        ellipsis_mask: 0,
        new_axis_mask: 0,
      }],
      ["StridedSlice", "height", "shape one two one", { shrink_axis_mask: 1 }],
      ["FloorDiv", "half", "height divisor"],
      ["Pack", "target", "batch half rest", { N: 3, axis: 0 }],
      ["Reshape", "flat", "x target"],
      ["Transpose", "turned", "flat order"],
      ["ConcatV2", "joined", "turned turned axis", { N: 2 }],
      ["StridedSlice", "parts", "joined begin end steps", {
        begin_mask: 1,
        end_mask: 5,
        ellipsis_mask: 0,
      }],
      ["Square", "y", "parts"],
    ],
    {
      zero: ints(0),
      one: ints(1),
      two: ints(2),
      divisor: int(2),
      rest: int(-1),
      order: ints(0, 2, 1),
      axis: int(-1),
      begin: ints(0, 3, 1),
      end: ints(0, 40, 0),
      steps: ints(1, 1, 2),
    },
    { y: [-1, -1, -1] },
  ],
  "parts and elements": [
    [
      ["StridedSlice", "first", "x begin end steps", {
        ellipsis_mask: 1,
        shrink_axis_mask: 2,
        end_mask: 0,
        begin_mask: 0,
      }],
      ["Split", "halves", "axis x", { num_split: 2 }],
      ["Sub", "apart", "halves halves:1"],
      ["Unpack", "rows", "apart", { num: 4, axis: 1 }],
      ["Maximum", "higher", "rows rows:3"],
      ["Selu", "selu", "higher"],
      ["LeakyRelu", "leaky", "selu", { alpha: 0.1 }],
      ["ClipByValue", "clipped", "leaky low high"],
      ["Sigmoid", "gate", "clipped"],
      ["Mul", "scaled", "clipped gate"],
      ["ExpandDims", "wide", "scaled axis"],
      ["Pad", "padded", "wide pads"],
      ["Squeeze", "narrow", "first", { squeeze_dims: [] }],
      ["Rsqrt", "rate", "positive"],
      ["Square", "positive0", "narrow"],
      ["AddV2", "positive", "positive0 high"],
      ["Sum", "sums", "rate last", { keep_dims: true }],
    ],
    {
      begin: ints(0, 1),
      end: ints(0, 2),
      steps: ints(1, 1),
      axis: int(1),
      low: { shape: [], values: [-0.4] },
      high: { shape: [], values: [0.7] },
      pads: { shape: [4, 2], values: [0, 0, 1, 2, 0, 1, 0, 0], isInteger: true },
      last: ints(-1),
    },
    { padded: [-1, 4, 9, 3], sums: [-1, 8, 1] },
  ],
};

for (const [name, [operations, constants, outputs]] of Object.entries(graphs)) {
  Deno.test(`a graph model is TensorFlow.js's, and so is its gradient: ${name}`, async () => {
    await assertSame(graphFiles(operations, constants, outputs), Object.keys(outputs));
  });
}

Deno.test("a transposed convolution has the size that its graph computes", async () => {
  for (
    const [padding, size] of [["SAME", 15], ["SAME", 16], ["VALID", 17], ["VALID", 18]] as const
  ) {
    const files = graphFiles(
      [["Conv2DBackpropInput", "y", "size k x", window(2, padding)]],
      { size: ints(2, size, size, 4), k: floats(3, 3, 4, 3) },
      { y: [-1, size, size, 4] },
    );
    await assertSame(files, ["y"]);
  }
});

Deno.test("the logits of a graph model are before its softmax; it is recorded, without leaks", async () => {
  const read = await readFiles(graphFiles(fused, fusedConstants, { probabilities: [-1, 6] }));
  const { logits, ...rest } = suggestAdapter(read);
  assert.deepEqual({ logits, ...rest }, {
    logits: "classes",
    probabilities: "probabilities",
    features: "pooled",
    classes: 6,
    featureLength: 5,
    layout: "nhwc",
    size: [8, 8],
  });
  using network = prepareOnnx(read, { outputs: [logits] });
  assert.ok(network.parameters.names.includes("k"));
  const gradient = gradientOf((x) => network.run(x as tf.Tensor4D).get(logits)!);
  using step = record(({ x }: { x: tf.Tensor4D }) => gradient(x), { name: "graph model" });
  assertClose(step({ x: images }), gradient(images), 1e-5);
  await assertNoLeak(() => step({ x: images }).dispose());
});

Deno.test("a softmax over a map's channels is told too, and what it takes lies in ONNX's order", async () => {
  const [operations, constants, outputs] = graphs["windows and maps at the end"];
  const read = await readFiles(graphFiles(operations, constants, outputs));
  const { logits, probabilities } = suggestAdapter(read);
  assert.equal(probabilities, "shares");
  using network = prepareOnnx(read, { outputs: [logits, "shares"] });
  const [maps, shares] = network.run(images).values();
  assert.deepEqual(maps.shape, [2, 4, 7, 5]);
  assertClose(tf.softmax(tf.transpose(maps, [0, 2, 3, 1])), tf.transpose(shares, [0, 2, 3, 1]));
});

Deno.test("two graph models with gradients run on every backend, by TensorFlow.js's executor too", async () => {
  const files = graphFiles(fused, fusedConstants, { probabilities: [-1, 6], pooled: [-1, 5] });
  const [one, two] = [await openGraph(files), await openGraph(files)];
  for (const model of [one, two, one]) {
    tf.tidy(() => {
      const run = (x: tf.Tensor) => model.execute({ x }, "pooled") as tf.Tensor;
      assert.ok(gradientOf(run)(images).dataSync().every(Number.isFinite));
      // Both results, where one is wanted: on the tensorflow backend this ended the process.
      const both = (x: tf.Tensor) =>
        tf.sum(model.execute({ x }, ["probabilities", "pooled"]) as unknown as tf.Tensor);
      assert.throws(() => both(images).dataSync());
      assert.throws(() => tf.grad(both)(images).dataSync());
    });
  }
  one.dispose();
  two.dispose();
});

Deno.test("operations that are not here are told, and what does not need them runs", async () => {
  const files = graphFiles(
    [
      ["Relu", "scores", "x"],
      ["NonMaxSuppressionV5", "kept", "scores scores"],
      ["Abs", "y", "kept:2"],
      ["Conv2D", "free", "x scores", window(1, "SAME")],
      ["Conv2D", "first", "x k", { ...window(1, "SAME"), data_format: "NCHW" }],
    ],
    { k: floats(1, 1, 3, 3) },
    { y: [-1], free: [-1], first: [-1] },
  );
  const read = await readFiles(files);
  assert.deepEqual(unsupportedNodes(read).map(describeUnsupported).sort().reverse(), [
    'tensorflow:NonMaxSuppressionV5 "kept" (opset 18) is not here',
    'tensorflow:Conv2D "free" (opset 18) is not here as its weights must be a constant',
    'tensorflow:Conv2D "first" (opset 18) is not here as its data_format is NCHW',
  ]);
  assert.throws(
    () => prepareOnnx(read),
    /^Error: Cannot run model.json as tensorflow:[^\n]*NonMax[^\n]*$/,
  );
  using cut = prepareOnnx(read, { outputs: ["scores"] });
  assertClose(cut.run(images).get("scores")!, tf.relu(images));
});
