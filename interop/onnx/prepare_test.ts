import { createRandom, Parameters } from "@realign/core";
import { record } from "@realign/core/backend";
import { convNorm, dense } from "@realign/core/layers";
import { assertClose, assertGradient, assertNoLeak, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { describeUnsupported, unsupportedNodes } from "./graph.ts";
import { readOnnx } from "./model.ts";
import { prepareOnnx } from "./prepare.ts";
import { floats, ints, onnxFile, type WrittenModel } from "./testing.ts";

await useTestBackend();
const random = createRandom(4);
const images = tf.tensor4d(random.uniforms(2 * 8 * 8 * 3, 0, 1), [2, 8, 8, 3]);
const read = (model: WrittenModel) => readOnnx(onnxFile(model), { origin: "m.onnx" });

/** A small network in core's layers, and its weights in a model. */
async function twins() {
  const parameters = new Parameters(createRandom(1));
  const initialize = (shape: readonly number[], random: ReturnType<typeof createRandom>) =>
    random.uniforms(shape.reduce((a, b) => a * b, 1), -0.4, 0.4);
  const layers = [3, 4].map((inputs, index) =>
    convNorm(parameters, { conv: `conv${index}`, norm: `bn${index}` }, inputs, [4, 6][index], {
      kernel: 3,
      stride: index + 1,
      initialize,
    })
  );
  const linear = dense(parameters, "fc", 6, 5);
  const values = await parameters.export();
  for (const [name, { data }] of values) {
    if (/running_var|bn.*weight/.test(name)) data.forEach((_, k) => data[k] = 0.5 + k / 10);
    else if (/bn/.test(name)) data.forEach((_, k) => data[k] = k / 7 - 0.3);
  }
  parameters.import(values, "test");
  const network = (x: tf.Tensor4D) => {
    const map = layers.reduce((x, layer) => tf.relu(layer(x, "inference")), x);
    return linear(tf.mean(map, [1, 2]) as tf.Tensor2D);
  };
  const norm = (index: number) =>
    ["weight", "bias", "running_mean", "running_var"].map((w) => `bn${index}.${w}`).join(" ");
  const model: WrittenModel = {
    nodes: [
      ["Conv", "x conv0.weight", "c0", { pads: [1, 1, 1, 1] }],
      ["BatchNormalization", `c0 ${norm(0)}`, "n0"],
      ["Relu", "n0", "r0"],
      ["Conv", "r0 conv1.weight", "c1", { pads: [1, 1, 1, 1], strides: [2, 2] }],
      ["BatchNormalization", `c1 ${norm(1)}`, "n1"],
      ["Relu", "n1", "r1"],
      ["GlobalAveragePool", "r1", "pooled"],
      ["Flatten", "pooled", "features"],
      ["Gemm", "features fc.weight fc.bias", "y", { transB: { int: 1 } }],
    ],
    weights: [...values].map(([name, { shape, data }]) => floats(name, shape, data)),
  };
  return { network, model, parameters };
}

Deno.test("prepareOnnx() of a convolutional network is the same network of core's layers", async () => {
  const { network, model, parameters } = await twins();
  using _ = parameters;
  using prepared = prepareOnnx(await read(model));
  assert.deepEqual(prepared.parameters.names.toSorted(), parameters.names.toSorted());
  const run = (x: tf.Tensor) => prepared.run(x as tf.Tensor4D).get("y")!;
  assertClose(run(images), network(images), 1e-5);
  const gradient = (f: (x: tf.Tensor) => tf.Tensor) =>
    tf.grad((x) => tf.sum(tf.square(f(x))))(images);
  assertClose(gradient(run), gradient((x) => network(x as tf.Tensor4D)), 1e-5);
  assertGradient((x) => tf.sum(tf.square(run(x))), [images]);
});

Deno.test("prepareOnnx() is recorded with a gradient, for any number and size of images, without leaks", async () => {
  const { model, parameters } = await twins();
  using _ = parameters;
  using prepared = prepareOnnx(await read(model));
  using step = record(
    ({ x }: { x: tf.Tensor4D }) =>
      tf.grad((x) => tf.sum(prepared.run(x as tf.Tensor4D).get("y")!))(x),
    { name: "onnx" },
  );
  const eager = tf.grad((x) => tf.sum(prepared.run(x as tf.Tensor4D).get("y")!))(images);
  assertClose(step({ x: images }), eager, 1e-5);
  assert.deepEqual(step({ x: tf.zeros([3, 12, 10, 3]) as tf.Tensor4D }).shape, [3, 12, 10, 3]);
  await assertNoLeak(() => step({ x: images }).dispose());
  const opened = await read(model);
  await assertNoLeak(() => {
    using again = prepareOnnx(opened);
    tf.tidy(() => {
      again.run(images);
    });
  });
});

Deno.test("prepareOnnx() gives inner values too, in the order that is asked for", async () => {
  const { model, parameters } = await twins();
  using _ = parameters;
  const opened = await read(model);
  using prepared = prepareOnnx(opened, { outputs: ["y", "features", "r1"] });
  const outputs = prepared.run(images);
  assert.deepEqual([...outputs.keys()], ["y", "features", "r1"]);
  assert.deepEqual([...outputs.values()].map(({ shape }) => shape), [[2, 5], [2, 6], [2, 6, 4, 4]]);
  assert.throws(
    () => prepareOnnx(opened, { outputs: ["z"] }),
    /^RangeError: Cannot run m.onnx up to "z" as no node of it makes such a value$/,
  );
});

Deno.test("outputs whose names are numbers keep their order", async () => {
  using prepared = prepareOnnx(
    await read({ nodes: [["Relu", "x", "1003"], ["Neg", "x", "492"]], outputs: "1003 492" }),
  );
  assert.deepEqual([...prepared.run(images).keys()], ["1003", "492"]);
});

Deno.test("weights in any layout serve many runs", async () => {
  const scale = [2, -1, 3];
  const model: WrittenModel = {
    nodes: [["Conv", "x w", "c"], ["Mul", "c s", "m"], ["Transpose", "w", "t", {
      perm: [1, 0, 2, 3],
    }], ["Conv", "m t", "y"]],
    weights: [
      floats("w", [3, 3, 1, 1], [1, 2, 0, 0, 1, 0, 0, 0, 1]),
      floats("s", [1, 3, 1, 1], scale),
    ],
  };
  using prepared = prepareOnnx(await read(model));
  const run = (x: tf.Tensor4D) => tf.tidy(() => prepared.run(x).get("y")!);
  const matrix = tf.tensor2d([1, 2, 0, 0, 1, 0, 0, 0, 1], [3, 3]);
  const pixels = tf.reshape(images, [-1, 3]);
  const expected = tf.matMul(
    tf.mul(tf.matMul(pixels, matrix, false, true), tf.tensor1d(scale)),
    matrix,
  );
  for (let round = 0; round < 2; round++) {
    assertClose(tf.transpose(run(images), [0, 2, 3, 1]), expected);
  }
  await assertNoLeak(() => run(images).dispose());
});

const decoded: WrittenModel = {
  nodes: [
    ["Relu", "x", "scores"],
    ["NonMaxSuppression", "scores", "kept"],
    ["Resize", "scores - scales", "up", { mode: "cubic" }],
    ["NonZero", "kept", "y"],
    ["Softmax", "scores", "unused"],
  ],
  weights: [floats("scales", [4], [1, 1, 2, 2])],
  outputs: "y up",
};

Deno.test("unsupportedNodes() tells of all nodes, and only of those that matter", async () => {
  const model = await read(decoded);
  const all = unsupportedNodes(model);
  assert.deepEqual(all.map(describeUnsupported), [
    'NonMaxSuppression "NonMaxSuppression_1" (opset 17) is not here',
    'Resize "Resize_2" (opset 17) is not here with mode "cubic"',
    'NonZero "NonZero_3" (opset 17) is not here',
  ]);
  assert.deepEqual(unsupportedNodes(model, ["scores"]), []);
  assert.throws(() => prepareOnnx(model), (error: Error) => {
    assert.match(
      error.message,
      /^Cannot run m.onnx as NonMaxSuppression .*; Resize .*; NonZero [^\n]*$/,
    );
    return true;
  });
  using cut = prepareOnnx(model, { outputs: ["scores"] });
  assert.deepEqual(cut.run(images).get("scores")!.shape, [2, 3, 8, 8]);
});

Deno.test("names that every object has are no operators", async () => {
  const bytes = onnxFile({ nodes: [["constructor", "x", "y"]] });
  assert.deepEqual(unsupportedNodes(await readOnnx(bytes)).map(({ operator }) => operator), [
    "constructor",
  ]);
});

Deno.test("prepareOnnx() takes images as the input's shape says", async () => {
  const model: WrittenModel = {
    nodes: [["ReduceMean", "x", "y", { axes: [3], keepdims: { int: 0 } }]],
  };
  const layouts = [[["N", 3, 8, 8], "nchw"], [["N", 8, 8, 3], "nhwc"], [
    ["N", "C", "H", "W"],
    "nchw",
  ]] as const;
  for (const [dims, layout] of layouts) {
    using prepared = prepareOnnx(await read({ ...model, dims }));
    assert.equal(prepared.layout, layout);
    const axis = layout === "nhwc" ? 3 : 2;
    const expected = tf.mean(images, axis);
    assertClose(
      prepared.run(images).get("y")!,
      layout === "nhwc" ? expected : tf.transpose(expected, [0, 2, 1]),
    );
  }
});

Deno.test("prepareOnnx() says which node cannot be run, and why", async () => {
  using prepared = prepareOnnx(
    await read({ nodes: [["Reshape", "x s", "y"]], weights: [ints("s", [7, 5])] }),
  );
  assert.throws(
    () => prepared.run(images),
    /^Error: Cannot run Reshape "Reshape_0" \(opset 17\) of m.onnx as \[2, 3, 8, 8\] cannot become \[7, 5\]$/,
  );
  using pixels = prepareOnnx(
    await read({ nodes: [["Cast", "x", "i", { to: { int: 7 } }], ["Expand", "x i", "y"]] }),
  );
  assert.throws(
    () => pixels.run(images),
    /Expand .* numbers that depend on pixels or weights stand/,
  );
});

Deno.test("200 mutated models end in outputs or in one line", async () => {
  const { model, parameters } = await twins();
  using _ = parameters;
  const bytes = onnxFile(model);
  const random = createRandom(6);
  // Weights are most of the file: the graph is what can go wrong.
  const graph = bytes.length - 1;
  const before = tf.memory().numTensors;
  let run = 0;
  for (let round = 0; round < 200; round++) {
    const mutated = bytes.slice();
    for (let k = 0; k <= round % 2; k++) {
      mutated[random.integer(Math.min(graph, 700))] = random.integer(256);
    }
    try {
      using prepared = prepareOnnx(await readOnnx(mutated, { origin: "m.onnx" }));
      tf.tidy(() => {
        prepared.run(images);
      });
      run++;
    } catch (error) {
      assert.match((error as Error).message, /^Cannot (read|run|load) [^\n]+$/);
    }
  }
  assert.ok(run > 10 && run < 190, `${run} of 200 were run`);
  assert.equal(tf.memory().numTensors, before);
});
