import { createRandom } from "@realign/core";
import { record } from "@realign/core/backend";
import { assertClose, assertGradient, assertNoLeak, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import { ONNX, readOnnx } from "@realign/interop";
import { writeMessage } from "@realign/interop/wire";
import assert from "node:assert/strict";
import { decodeBoxes, toCentres } from "../boxes.ts";
import type { DetectionLabels } from "../labels.ts";
import { readDetections } from "../read_detections.ts";
import { createDetection } from "../task.ts";
import { createOnnxDetector, type OnnxDetectorOptions } from "./onnx_detector.ts";

await useTestBackend();
const random = createRandom(3);
const images = tf.tensor4d(random.uniforms(2 * 8 * 8 * 3, 0, 1), [2, 8, 8, 3]);
const direction = tf.tensor4d(random.uniforms(images.size, -1, 1), images.shape);
const numbers = (name: string, dims: number[]) => ({
  name,
  dims,
  type: 1,
  floats: [...random.uniforms(dims.reduce((a, b) => a * b, 1), -1, 1)],
});
/** 2 boxes a cell, of 3 columns and of 4. */
const [stem, coarse, scores, boxes] = ([
  ["stem", [4, 3, 3, 3]],
  ["coarse", [4, 4, 3, 3]],
  ["scores", [6, 4, 1, 1]],
  ["boxes", [8, 4, 1, 1]],
] as const).map(([name, dims]) => numbers(name, [...dims]));
const anchors = { name: "anchors", dims: [40, 4], type: 1, floats: Array(160).fill(2) };

/** Two maps, of 4x4 and of 2x2 cells, with heads of the same weights on each, and a decoding that is not here. */
function model(size: number | string = 8) {
  const conv = (input: string, weight: string, output: string, stride = 1) => ({
    operator: "Conv",
    inputs: [input, weight],
    outputs: [output],
    attributes: [
      { name: "strides", ints: [stride, stride], type: 7 },
      ...(stride === 2 ? [{ name: "pads", ints: [1, 1, 1, 1], type: 7 }] : []),
    ],
  });
  const dims = [
    { name: "N" },
    { size: 3 },
    ...[0, 1].map(() => typeof size === "number" ? { size } : { name: size }),
  ];
  const bytes = writeMessage(ONNX, "Model", {
    opsets: [{ version: 17 }],
    graph: {
      nodes: [
        conv("x", "stem", "c0", 2),
        { operator: "Tanh", inputs: ["c0"], outputs: ["fine"] },
        conv("fine", "coarse", "c1", 2),
        { operator: "Tanh", inputs: ["c1"], outputs: ["rough"] },
        conv("fine", "scores", "s0"),
        conv("rough", "scores", "s1"),
        conv("fine", "boxes", "b0"),
        conv("rough", "boxes", "b1"),
        { operator: "NonMaxSuppression", inputs: ["b0", "s0"], outputs: ["picked"] },
      ],
      initializers: [stem, coarse, scores, boxes, anchors],
      inputs: [{ name: "x", type: { tensor: { type: 1, shape: { dims } } } }],
      outputs: [{ name: "picked" }],
    },
  });
  return readOnnx(bytes, { origin: "m.onnx" });
}

const OPTIONS: OnnxDetectorOptions = {
  scores: "s0,s1",
  boxes: "b0,b1",
  anchorSizes: "2,4/4,8",
};

/** The same network by hand: its maps, and what its heads say of the boxes. */
function byHand() {
  const kernel = ({ floats, dims }: typeof stem) =>
    tf.transpose(
      tf.tensor4d(floats, dims as [number, number, number, number]),
      [2, 3, 1, 0],
    ) as tf.Tensor4D;
  const halved = (x: tf.Tensor4D, weight: typeof stem) =>
    tf.tanh(
      tf.conv2d(tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]), kernel(weight), 2, "valid"),
    ) as tf.Tensor4D;
  const fine = halved(images, stem);
  const rough = halved(fine, coarse);
  const head = (weight: typeof stem, columns: number) =>
    tf.concat(
      [fine, rough].map((map) =>
        tf.reshape(tf.conv2d(map, kernel(weight), 1, "valid"), [2, -1, columns])
      ),
      1,
    ) as tf.Tensor3D;
  return { fine, scores: head(scores, 3), boxes: head(boxes, 4) };
}

Deno.test("createOnnxDetector() joins the maps of heads, and taps what they look at first", async () => {
  using detector = createOnnxDetector(await model(), OPTIONS);
  const output = detector.forward(images);
  const expected = byHand();
  assertClose(output.logits, expected.scores);
  assertClose(output.offsets, expected.boxes);
  assertClose(output.features, expected.fine);
  assert.equal(output.scores, undefined);
  const priors = tf.slice(output.priors, [1, 0, 0], [1, -1, -1]);
  assertClose(priors, tf.slice(output.priors, [0, 0, 0], [1, -1, -1]));
  const values = priors.dataSync();
  assertClose(values.slice(0, 8), [0.125, 0.125, 0.25, 0.25, 0.125, 0.125, 0.5, 0.5]);
  assertClose(values.slice(-4), [0.75, 0.75, 1, 1]);
  assert.deepEqual(detector.parameters.names.toSorted(), ["boxes", "coarse", "scores", "stem"]);
});

Deno.test("createOnnxDetector() of sigmoids scores boxes by them, for the classes that are wanted", async () => {
  using detector = createOnnxDetector(await model("S"), {
    ...OPTIONS,
    size: [8, 8],
    activation: "sigmoid",
    variances: "1,1",
    classNames: ["cat", "dog", "cow"],
    classes: ["cow", "cat"],
  });
  const output = detector.forward(images);
  const wanted = tf.gather(byHand().scores, tf.tensor1d([2, 0], "int32"), 2);
  assertClose(output.scores!, tf.sigmoid(wanted));
  assertClose(tf.slice(output.logits, [0, 0, 1], [-1, -1, -1]), wanted);
  assertClose(output.offsets, tf.mul(byHand().boxes, tf.tensor1d([10, 10, 5, 5])), 1e-5);
  const [first] = await readDetections(output, 2);
  const most = Math.max(...tf.sigmoid(tf.slice(wanted, 0, 1)).dataSync());
  assert.equal(first[0].score, most);
  assert.deepEqual(detector.unresized!(tf.zeros([1, 16, 16, 3])).logits.shape, [1, 160, 3]);
});

Deno.test("createOnnxDetector() of decoded boxes, or with the graph's own priors, needs no anchors", async () => {
  const named = { scores: "s0,s1", boxes: "b0,b1" };
  using decoded = createOnnxDetector(await model(), {
    ...named,
    coding: "corners",
    unit: "shares",
  });
  const wide = createRandom(4).uniforms(4, 0, 1);
  const { offsets, priors } = decoded.forward(tf.fill([1, 8, 8, 3], wide[0]));
  assertClose(offsets, new Float32Array(offsets.size), 1e-4);
  assert.ok(tf.min(tf.slice(priors, [0, 0, 2], [-1, -1, 2])).dataSync()[0] > 0);
  using own = createOnnxDetector(await model(), {
    ...named,
    priors: "anchors",
    priorCoding: "centres",
  });
  const output = own.forward(images);
  assertClose(output.priors, tf.fill([2, 40, 4], 0.25));
  assertClose(output.offsets, byHand().boxes);
  assert.equal(decodeBoxes(output.offsets, output.priors).shape[1], 40);
});

Deno.test("createOnnxDetector() reads boxes, objectness and classes from one output, as YOLO's", async () => {
  const weight = numbers("w", [7, 3, 4, 4]);
  const bytes = writeMessage(ONNX, "Model", {
    opsets: [{ version: 17 }],
    graph: {
      nodes: [
        {
          operator: "Conv",
          inputs: ["x", "w"],
          outputs: ["map"],
          attributes: [{ name: "strides", ints: [4, 4], type: 7 }],
        },
        { operator: "Sigmoid", inputs: ["map"], outputs: ["shares"] },
        { operator: "Reshape", inputs: ["shares", "shape"], outputs: ["y"] },
      ],
      initializers: [weight, { name: "shape", dims: [3], type: 7, int64s: [0, 7, -1] }],
      inputs: [{ name: "x" }],
      outputs: [{ name: "y" }],
    },
  });
  const wide = tf.image.resizeBilinear(images, [16, 16]);
  using detector = createOnnxDetector(await readOnnx(bytes, { origin: "yolo.onnx" }), {
    boxes: "y[0:4]",
    objectness: "y[4:5]",
    scores: "y[5:]",
    activation: "none",
    coding: "centres",
    unit: "shares",
    size: [16, 16],
  });
  const output = detector.forward(wide);
  const kernel = tf.transpose(tf.tensor4d(weight.floats, [7, 3, 4, 4]), [2, 3, 1, 0]);
  const rows = tf.reshape(tf.sigmoid(tf.conv2d(wide, kernel, 4, "valid")), [2, 16, 7]);
  const [boxes, object, classes] = tf.split(rows, [4, 1, 2], 2) as tf.Tensor3D[];
  assertClose(output.scores!, tf.mul(object, classes));
  assertClose(toCentres(decodeBoxes(output.offsets, output.priors)), boxes);
  assert.deepEqual([output.logits.shape, output.features.shape], [[2, 16, 3], [2, 16, 16, 3]]);
});

for (
  const [title, more] of [
    ["offsets", {}],
    ["sigmoids of corners", { activation: "sigmoid", coding: "corners", anchorSizes: undefined }],
  ] as const
) {
  Deno.test(`createOnnxDetector() of ${title} serves the task's loss, recorded, without leaks`, async () => {
    using detector = createOnnxDetector(await model(), { ...OPTIONS, ...more });
    const columns = "activation" in more ? 3 : 2;
    const task = createDetection(["a", "b", "c"].slice(0, columns));
    const box = { box: [0.1, 0.1, 0.6, 0.7], class: 1, difficult: false } as const;
    const labels = task.encodeLabels([{ boxes: [box] }, { boxes: [] }]);
    const loss = (x: tf.Tensor) => task.taskLoss(detector.forward(x as tf.Tensor4D), labels);
    if (!("coding" in more)) { // Along one direction; priors that are the boxes themselves are constants.
      const along = (step: tf.Tensor) => loss(tf.add(images, tf.mul(step, direction)));
      assertGradient(along, [tf.scalar(0)], { step: 1e-3, tolerance: 2e-2 });
    }
    using step = record(
      ({ x, labels }: { x: tf.Tensor4D; labels: DetectionLabels }) => {
        const loss = (x: tf.Tensor) => task.taskLoss(detector.forward(x as tf.Tensor4D), labels);
        return { gradient: tf.grad(loss)(x), output: detector.forward(x) };
      },
      { name: "onnx detector" },
    );
    await assertNoLeak(() => tf.dispose(step({ x: images, labels })));
    const { gradient, output } = step({ x: images, labels });
    assertClose(gradient, tf.grad(loss)(images), 1e-4);
    assert.equal((await readDetections(output, 2)).length, 2);
    assert.deepEqual(task.extractFeatures(output, labels).vectors.shape, [16, 4]);
  });
}

Deno.test("createOnnxDetector() of a layout takes its images alone, and its number of boxes", async () => {
  const fixed = {
    ...OPTIONS,
    anchorSizes: undefined,
    anchors: "ssd300-vgg16",
    size: [8, 8],
  } as const;
  using detector = createOnnxDetector(await model("S"), fixed);
  assert.equal(detector.unresized, undefined);
  assert.throws(
    () => detector.forward(images),
    /^RangeError: Cannot use m.onnx as a detector as it has 40 boxes, and there are 8732 priors$/,
  );
});

Deno.test("createOnnxDetector() says what it must be told", async () => {
  const m = await model();
  assert.throws(
    () => createOnnxDetector(m),
    /scores and boxes must be named; its outputs are "picked"/,
  );
  assert.throws(
    () => createOnnxDetector(m, { ...OPTIONS, scores: "s2", features: "fine" }),
    /no node of it makes such a value/,
  );
  const without = createOnnxDetector(m, { ...OPTIONS, anchorSizes: undefined });
  assert.throws(() => without.forward(images), /set anchors, or name priors/);
  const single = createOnnxDetector(m, { ...OPTIONS, scores: "s0" });
  assert.throws(() => single.forward(images), /"s0" must have rows of boxes|"s0" has 32 rows/);
  const turned = createOnnxDetector(m, { ...OPTIONS, boxes: "b0[0:3],b1[0:3]" });
  assert.throws(() => turned.forward(images), /must have 4 numbers a box: current count is 3/);
  for (const detector of [without, single, turned]) detector[Symbol.dispose]();
});
