import assert from "node:assert/strict";
import { writeMessage } from "../wire/mod.ts";
import { readOnnx } from "./model.ts";
import { ONNX } from "./schema.ts";
import { suggestAdapter } from "./suggest.ts";
import { floats, onnxFile, type WrittenModel } from "./testing.ts";

const suggest = async (model: WrittenModel) => suggestAdapter(await readOnnx(onnxFile(model)));
const zeros = (name: string, dims: number[]) =>
  floats(name, dims, new Float32Array(dims.reduce((a, b) => a * b, 1)));

Deno.test("suggestAdapter() of a classifier taps what the last product takes", async () => {
  const nodes: WrittenModel["nodes"] = [
    ["Conv", "x w", "map"],
    ["GlobalAveragePool", "map", "pooled"],
    ["Flatten", "pooled", "features"],
    ["Gemm", "features v", "logits", { transB: { int: 1 } }],
    ["Conv", "x w", "aside"],
  ];
  const weights = [zeros("w", [6, 3, 1, 1]), zeros("v", [4, 6])];
  assert.deepEqual(
    await suggest({ nodes, weights, outputs: "logits aside", dims: ["N", 3, 32, 24] }),
    {
      logits: "logits",
      features: "features",
      classes: 4,
      featureLength: 6,
      layout: "nchw",
      size: [32, 24],
    },
  );
});

Deno.test("suggestAdapter() of a segmenter taps what the last convolution takes", async () => {
  const nodes: WrittenModel["nodes"] = [
    ["Relu", "x", "map"],
    ["Conv", "map w", "small"],
    ["Resize", "small - scales", "y", { mode: "linear" }],
  ];
  const weights = [zeros("w", [5, 3, 1, 1]), floats("scales", [4], [1, 1, 2, 2])];
  assert.deepEqual(await suggest({ nodes, weights, dims: ["N", 3, "H", "W"] }), {
    logits: "y",
    features: "map",
    classes: 5,
    featureLength: 3,
    layout: "nchw",
  });
});

Deno.test("suggestAdapter() of a model without weights names no features", async () => {
  assert.deepEqual(await suggest({ nodes: [["Relu", "x", "y"]], dims: [1, 8, 9, 3] }), {
    logits: "y",
    layout: "nhwc",
    size: [8, 9],
  });
});

Deno.test("suggestAdapter() takes the output that is called so, wherever it stands", async () => {
  const nodes: WrittenModel["nodes"] = [
    ["Conv", "x w", "restored"],
    ["GlobalAveragePool", "restored", "pooled"],
    ["Flatten", "pooled", "features"],
    ["Gemm", "features v", "logits", { transB: { int: 1 } }],
  ];
  const weights = [zeros("w", [6, 3, 1, 1]), zeros("v", [4, 6])];
  const { logits, classes } = await suggest({
    nodes,
    weights,
    outputs: "restored features logits",
  });
  assert.deepEqual([logits, classes], ["logits", 4]);
});

Deno.test("suggestAdapter() of a model that a softmax ends proposes what it takes", async () => {
  const nodes: WrittenModel["nodes"] = [
    ["GlobalAveragePool", "x", "pooled"],
    ["Flatten", "pooled", "features"],
    ["Gemm", "features v", "scores", { transB: { int: 1 } }],
    ["Softmax", "scores", "shares"],
    ["Identity", "shares", "y"],
  ];
  const weights = [zeros("v", [4, 3])];
  const found = await suggest({ nodes, weights });
  assert.deepEqual([found.logits, found.probabilities, found.features], [
    "scores",
    "y",
    "features",
  ]);
  // A softmax within, as of attention, is none at the end.
  const inner = await suggest({ nodes: [...nodes, ["Neg", "y", "z"]], weights, outputs: "z" });
  assert.deepEqual([inner.logits, inner.probabilities], ["z", undefined]);
});

Deno.test("suggestAdapter() takes names of classes from metadata, where they are a list", async () => {
  const names = async (value: string) => {
    const bytes = writeMessage(ONNX, "Model", {
      opsets: [{ version: 17 }],
      metadata: [{ key: "names", value }],
      graph: {
        nodes: [{ operator: "Relu", inputs: ["x"], outputs: ["y"] }],
        inputs: [{ name: "x" }],
        outputs: [{ name: "y" }],
      },
    });
    return suggestAdapter(await readOnnx(bytes)).classNames;
  };
  assert.deepEqual(await names('["cat", "dog"]'), ["cat", "dog"]);
  for (const text of ["{0: 'cat'}", "[1, 2]", '["cat"]', ""]) {
    assert.equal(await names(text), undefined, text);
  }
});
