import { createRandom, IMAGENET, normalizeImages } from "@realign/core";
import { record } from "@realign/core/backend";
import { assertClose, assertGradient, assertNoLeak, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import { ONNX, readOnnx } from "@realign/interop";
import { writeMessage } from "@realign/interop/wire";
import assert from "node:assert/strict";
import { createSegmentation } from "../task.ts";
import { createOnnxSegmenter } from "./onnx_segmenter.ts";

await useTestBackend();
const random = createRandom(1);
const images = tf.tensor4d(random.uniforms(2 * 8 * 8 * 3, 0, 1), [2, 8, 8, 3]);
const numbers = (name: string, dims: number[]) => ({
  name,
  dims,
  type: 1,
  floats: [...random.uniforms(dims.reduce((a, b) => a * b, 1), -1, 1)],
});
const [stem, head, side] = [[4, 3, 3, 3], [3, 4, 1, 1], [3, 4, 1, 1]]
  .map((dims, index) => numbers(["k", "w", "v"][index], dims));
const ints = (name: string, ints: number[]) => ({ name, ints, type: 7 });

/** A convolution that halves, tanh, a head, and one beside it that comes first. */
function model(size: number | string, isTold = true) {
  const dims = [
    { name: "N" },
    { size: 3 },
    ...[0, 1].map(() => typeof size === "number" ? { size } : { name: size }),
  ];
  const outputs = isTold ? ["logits", "aux"] : ["out", "aux"];
  const bytes = writeMessage(ONNX, "Model", {
    opsets: [{ version: 17 }],
    graph: {
      nodes: [
        {
          operator: "Conv",
          inputs: ["x", "k"],
          outputs: ["map"],
          attributes: [ints("strides", [2, 2]), ints("pads", [1, 1, 1, 1])],
        },
        { operator: "Tanh", inputs: ["map"], outputs: ["active"] },
        { operator: "Conv", inputs: ["active", "w"], outputs: [outputs[0]] },
        { operator: "Cos", inputs: ["map"], outputs: ["aside"] },
        { operator: "Conv", inputs: ["aside", "v"], outputs: ["aux"] },
        { operator: "ArgMax", inputs: ["aux"], outputs: ["labels"] },
      ],
      initializers: [stem, head, side],
      inputs: [{ name: "x", type: { tensor: { type: 1, shape: { dims } } } }],
      outputs: [...outputs, "labels"].map((name) => ({ name })),
    },
  });
  return readOnnx(bytes, { origin: "m.onnx" });
}

const kernel = ({ floats, dims }: typeof stem) =>
  tf.transpose(tf.tensor4d(floats, dims as [number, number, number, number]), [2, 3, 1, 0]);
const padded = (x: tf.Tensor4D) => tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]);

Deno.test("createOnnxSegmenter() turns logits and features, and resizes logits as PyTorch does", async () => {
  using segmenter = createOnnxSegmenter(await model(8), { normalization: IMAGENET });
  const { logits, features, auxiliary } = segmenter.forward(images);
  const map = tf.tanh(
    tf.conv2d(padded(normalizeImages(images, IMAGENET)), kernel(stem), 2, "valid"),
  );
  assertClose(features, map);
  const small = tf.conv2d(map, kernel(head), 1, "valid");
  assertClose(logits, tf.image.resizeBilinear(small, [8, 8], false, true));
  assert.equal(auxiliary, undefined);
  assert.deepEqual(segmenter.parameters.names, ["k", "w"]);
  const weights = tf.tensor4d(random.uniforms(logits.size, -1, 1), logits.shape);
  assertGradient(
    (x) => tf.sum(tf.mul(segmenter.forward(x as tf.Tensor4D).logits, weights)) as tf.Scalar,
    [images],
  );
});

Deno.test("createOnnxSegmenter() takes another head, its features and its classes where they are named", async () => {
  using segmenter = createOnnxSegmenter(await model("S", false), {
    size: [8, 8],
    logits: "aux",
    alignment: "corners",
    classNames: { 0: "road", 2: "sky" },
    classes: ["sky", "road"],
  });
  const { logits, features } = segmenter.forward(images);
  const map = tf.cos(tf.conv2d(padded(images), kernel(stem), 2, "valid"));
  assertClose(features, map);
  const small = tf.conv2d(map, kernel(side), 1, "valid");
  const all = tf.image.resizeBilinear(small, [8, 8], true);
  assertClose(logits, tf.gather(all, tf.tensor1d([2, 0], "int32"), 3));
  assert.deepEqual(segmenter.unresized!(tf.ones([1, 6, 4, 3])).logits.shape, [1, 6, 4, 2]);
});

Deno.test("createOnnxSegmenter() serves the task's loss and features, recorded, without leaks", async () => {
  using segmenter = createOnnxSegmenter(await model(8));
  const task = createSegmentation({ classNames: ["a", "b", "c"], imageSize: [8, 8] });
  const labels = tf.tensor3d(Array.from({ length: 128 }, (_, i) => i % 3), [2, 8, 8], "int32");
  using step = record(
    ({ x, labels }: { x: tf.Tensor4D; labels: tf.Tensor3D }) =>
      tf.grad((x) => task.taskLoss(segmenter.forward(x as tf.Tensor4D), labels))(x),
    { name: "onnx segmenter" },
  );
  await assertNoLeak(() => step({ x: images, labels }).dispose());
  const expected = tf.grad((x) => task.taskLoss(segmenter.forward(x as tf.Tensor4D), labels));
  assertClose(step({ x: images, labels }), expected(images));
  assert.deepEqual(task.extractFeatures(segmenter.forward(images), labels).vectors.shape, [32, 4]);
});

Deno.test("createOnnxSegmenter() says what it must be told", async () => {
  const free = await model("S");
  assert.throws(
    () => createOnnxSegmenter(free),
    /^RangeError: Cannot use m.onnx as a segmenter as .* set size$/,
  );
  assert.throws(
    () => createOnnxSegmenter(free, { size: [8, 8], classNames: ["a", "b", "c"], classes: ["d"] }),
    /Cannot use m.onnx as a segmenter as it has no class "d"/,
  );
  using segmenter = createOnnxSegmenter(free, { size: [8, 8], classes: ["a", "b"] });
  assert.throws(() => segmenter.forward(images), /has 3 classes, and 2 are wanted: set classNames/);
});
