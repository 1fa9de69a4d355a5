import { createRandom, IMAGENET } from "@realign/core";
import { record } from "@realign/core/backend";
import { assertClose, assertGradient, assertNoLeak, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import { ONNX, readOnnx } from "@realign/interop";
import { writeMessage } from "@realign/interop/wire";
import assert from "node:assert/strict";
import plugin from "../mod.ts";
import { createOnnxClassifier } from "./onnx_classifier.ts";

await useTestBackend();
const random = createRandom(1);
const images = tf.tensor4d(random.uniforms(2 * 6 * 6 * 3, 0, 1), [2, 6, 6, 3]);
const numbers = (name: string, dims: number[]) => ({
  name,
  dims,
  type: 1,
  floats: [...random.uniforms(dims.reduce((a, b) => a * b, 1), -1, 1)],
});
const [kernel, weight] = [numbers("k", [4, 3, 3, 3]), numbers("w", [5, 4])];

/** A convolution, tanh, pooling, and a layer. */
function model(size: number | string, name = "m.onnx") {
  const dims = [
    { name: "N" },
    { size: 3 },
    ...[0, 1].map(() => typeof size === "number" ? { size } : { name: size }),
  ];
  const bytes = writeMessage(ONNX, "Model", {
    opsets: [{ version: 17 }],
    graph: {
      nodes: [
        { operator: "Conv", inputs: ["x", "k"], outputs: ["map"] },
        { operator: "Tanh", inputs: ["map"], outputs: ["active"] },
        { operator: "GlobalAveragePool", inputs: ["active"], outputs: ["pooled"] },
        { operator: "Flatten", inputs: ["pooled"], outputs: ["flat"] },
        {
          operator: "Gemm",
          inputs: ["flat", "w"],
          outputs: ["y"],
          attributes: [{ name: "transB", int: 1, type: 2 }],
        },
      ],
      initializers: [kernel, weight],
      inputs: [{ name: "x", type: { tensor: { type: 1, shape: { dims } } } }],
      outputs: [{ name: "y" }],
    },
  });
  return readOnnx(bytes, { origin: name });
}

Deno.test("createOnnxClassifier() resizes, normalises, and gives logits and features", async () => {
  using classifier = createOnnxClassifier(await model(8), { normalization: IMAGENET });
  const { logits, features } = classifier.forward(images);
  const [mean, deviation] = [IMAGENET.mean, IMAGENET.deviation].map((v) => tf.tensor1d([...v]));
  const resized = tf.image.resizeBilinear(images, [8, 8], false, true);
  const filter = tf.transpose(tf.tensor(kernel.floats, [4, 3, 3, 3]), [2, 3, 1, 0]) as tf.Tensor4D;
  const normal = tf.div(tf.sub(resized, mean), deviation) as tf.Tensor4D;
  const expected = tf.mean(tf.tanh(tf.conv2d(normal, filter, 1, "valid")), [1, 2]) as tf.Tensor2D;
  assertClose(features, expected);
  assertClose(logits, tf.matMul(expected, tf.tensor2d(weight.floats, [5, 4]), false, true));
  assert.equal(classifier.unresized, undefined);
  assert.deepEqual(classifier.parameters.names, ["k", "w"]);
  assertGradient((x) => tf.sum(tf.square(classifier.forward(x as tf.Tensor4D).logits)), [images]);
});

Deno.test("createOnnxClassifier() is recorded, without leaks, and its weights may be replaced", async () => {
  using classifier = createOnnxClassifier(await model("H"), { size: [8, 8] });
  using step = record(
    ({ x }: { x: tf.Tensor4D }) =>
      tf.grad((x) => tf.sum(classifier.forward(x as tf.Tensor4D).logits))(x),
    { name: "onnx" },
  );
  await assertNoLeak(() => step({ x: images }).dispose());
  assert.deepEqual(classifier.unresized!(images).logits.shape, [2, 5]);
  const values = await classifier.parameters.export();
  assert.deepEqual(values.get("k")!.shape, [4, 3, 3, 3]);
  assertClose(values.get("k")!.data, kernel.floats);
  values.get("w")!.data.fill(0);
  classifier.parameters.import(values, "zeros");
  assertClose(classifier.forward(images).logits, new Float32Array(10));
});

Deno.test("createOnnxClassifier() makes one vector of a map of features", async () => {
  using classifier = createOnnxClassifier(await model(8), { features: "active" });
  const { features } = classifier.forward(images);
  using flat = createOnnxClassifier(await model(8));
  assertClose(features, flat.forward(images).features);
});

Deno.test("createOnnxClassifier() says what it must be told, and that it is frozen", async () => {
  const free = await model("H");
  assert.throws(
    () => createOnnxClassifier(free),
    /^RangeError: Cannot use m.onnx as a classifier as .* set size$/,
  );
  using classifier = createOnnxClassifier(free, { size: [8, 8], logits: "map" });
  assert.throws(
    () => classifier.forward(images),
    /"map" must be \[B, K\]: current shape is \[2, 4, 6, 6\]$/,
  );
  assert.throws(
    () => classifier.forward(images, "training"),
    /Cannot train m.onnx as an ONNX model is frozen/,
  );
});

Deno.test("createOnnxClassifier() gives logits of the data's classes, in their order", async () => {
  const classNames = ["a", "b", "c", "d", "e"];
  const free = await model(8);
  using whole = createOnnxClassifier(free);
  using some = createOnnxClassifier(free, { classNames, classes: ["d", "a"] });
  const { logits } = whole.forward(images);
  assertClose(some.forward(images).logits, tf.gather(logits, [3, 0], 1));
  assertGradient((x) => tf.sum(tf.square(some.forward(x as tf.Tensor4D).logits)), [images]);
  const refused: [string[], string[] | undefined, RegExp][] = [
    [["d", "aa"], classNames, /as it has no class "aa": did you mean "a"\?$/],
    [["a"], ["a", "a", "c", "d", "e"], /has the class "a" twice/],
  ];
  for (const [classes, classNames, message] of refused) {
    assert.throws(() => createOnnxClassifier(free, { classes, classNames }), message);
  }
  for (const options of [{ classes: ["a", "b"] }, { classes: ["a"], classNames: ["a", "b"] }]) {
    using wrong = createOnnxClassifier(free, options);
    assert.throws(() => wrong.forward(images), /it has 5 classes.* classNames/);
  }
});

Deno.test("createOnnxClassifier() normalises red, green and blue, then turns them round", async () => {
  using rgb = createOnnxClassifier(await model(8), { normalization: IMAGENET });
  using bgr = createOnnxClassifier(await model(8), { normalization: IMAGENET, channels: "bgr" });
  const [mean, deviation] = [IMAGENET.mean, IMAGENET.deviation].map((v) => [...v].reverse());
  using turned = createOnnxClassifier(await model(8), { normalization: { mean, deviation } });
  assertClose(bgr.forward(images).logits, turned.forward(tf.reverse(images, 3)).logits);
  assert.ok(
    tf.max(tf.abs(tf.sub(bgr.forward(images).logits, rgb.forward(images).logits))).dataSync()[0] >
      0.01,
  );
  using step = record(
    ({ x }: { x: tf.Tensor4D }) => tf.grad((x) => tf.sum(bgr.forward(x as tf.Tensor4D).logits))(x),
    { name: "bgr" },
  );
  await assertNoLeak(() => step({ x: images }).dispose());
});

Deno.test("createOnnxClassifier() takes pixels in [0, 255] by a deviation of 1/255", async () => {
  const normalization = { mean: [0, 0, 0], deviation: [1 / 255, 1 / 255, 1 / 255] };
  using bytes = createOnnxClassifier(await model(6), { normalization });
  using plain = createOnnxClassifier(await model(6));
  assertClose(bytes.forward(images).features, plain.forward(tf.mul(images, 255)).features);
});

Deno.test("createOnnxClassifier() says in its source all that a file's outputs follow from", async () => {
  const file = await model(8);
  const sources = [
    {},
    { channels: "bgr" },
    { features: "active" },
    { logits: "flat" },
    { layout: "nhwc" },
    { classNames: ["a", "b", "c", "d", "e"], classes: ["b", "a"] },
    { classNames: ["a", "b", "c", "d", "e"], classes: ["a", "b"] },
  ] as const;
  const found = sources.map((options) => {
    using classifier = createOnnxClassifier(file, options);
    return classifier.source;
  });
  assert.equal(new Set(found).size, sources.length);
  using same = createOnnxClassifier(file, { logits: "y", features: "flat", layout: "nchw" });
  assert.equal(same.source, found[0], "what is told as it is found is no other target");
});

Deno.test("the plugin makes a target of a model, and refuses what it does not know", async () => {
  const preset = plugin.presets["cls-shapes"];
  const classes = ["a", "b", "c", "d", "e"];
  const on = (adapter: object) => {
    const target = { ...preset.target, architecture: "m.onnx", size: [8, 8] as const, adapter };
    return plugin.createTask({ ...preset, target }, classes, file);
  };
  const file = await model(8);
  using target = on({ outputs: { features: "active" } }).createTarget("m.onnx", random);
  using same = createOnnxClassifier(file, { features: "active" });
  assertClose(target.forward(images).features, same.forward(images).features);
  assert.throws(
    () => on({ outputs: { feature: "active" } }).createTarget("m.onnx", random),
    /Cannot read m\.onnx by adapter\.outputs\.feature: did you mean "features"\?$/,
  );
  assert.throws(
    () => on({ options: { anchors: 3 } }).createTarget("m.onnx", random),
    /by adapter\.options\.anchors: its task has no such options$/,
  );
});
