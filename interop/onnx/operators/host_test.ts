/** What exporters write around shapes: it must fold on the host, where a recorded step may read it. */
import { record } from "@realign/core/backend";
import { assertClose, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { readOnnx } from "../model.ts";
import { prepareOnnx } from "../prepare.ts";
import { floats, ints, onnxFile, runWritten, type WrittenNode } from "../testing.ts";

await useTestBackend();
const images = tf.zeros([2, 4, 6, 3]) as tf.Tensor4D;
const scalar = (name: string, value: number) => ints(name, [value], []);

/** Runs nodes that end in the array "r", added to an image's mean of 0. */
async function fold(
  nodes: readonly WrittenNode[],
  weights: Parameters<typeof onnxFile>[0]["weights"] = [],
) {
  const ends: WrittenNode[] = [
    ["Cast", "r", "result", { to: { int: 1 } }],
    ["ReduceMean", "x", "mean", { keepdims: { int: 0 } }],
    ["Add", "mean result", "y"],
  ];
  const [output] = await runWritten({ nodes: [...nodes, ...ends], weights }, images);
  return output;
}

Deno.test("Shape, Gather, arithmetic and Concat fold to a shape", async () => {
  const nodes: WrittenNode[] = [
    ["Shape", "x", "shape"],
    ["Gather", "shape three", "width"],
    ["Gather", "shape two", "height"],
    ["Mul", "width height", "area"],
    ["Div", "area four", "quarter"],
    ["Unsqueeze", "quarter first", "q"],
    ["Slice", "shape start stop", "batch"],
    ["Concat", "batch q minus", "r", { axis: { int: 0 } }],
    ["Reshape", "x r", "z"],
  ];
  const weights = [
    scalar("two", 2),
    scalar("three", 3),
    scalar("four", 4),
    ints("first", [0]),
    ints("start", [0]),
    ints("stop", [1]),
    ints("minus", [-1]),
  ];
  assertClose(await fold(nodes, weights), [2, 6, -1]);
  using prepared = prepareOnnx(await readOnnx(onnxFile({ nodes, weights, outputs: "z" })));
  using step = record(({ x }: { x: tf.Tensor4D }) => prepared.run(x).get("z")!, { name: "shapes" });
  assert.deepEqual(step({ x: images }).shape, [2, 6, 12]);
  assert.deepEqual(step({ x: tf.zeros([3, 8, 8, 3]) as tf.Tensor4D }).shape, [3, 16, 12]);
});

Deno.test("integers are divided towards 0, floats are not", async () => {
  const nodes = (to: number): WrittenNode[] => [
    ["Cast", "seven", "a", { to: { int: to } }],
    ["Cast", "two", "b", { to: { int: to } }],
    ["Div", "a b", "r"],
  ];
  const weights = [scalar("seven", -7), scalar("two", 2)];
  assertClose(await fold(nodes(7), weights), [-3]);
  assertClose(await fold(nodes(1), weights), [-3.5]);
});

Deno.test("CastLike casts to the kind of another value, of the host or the device", async () => {
  const weights = [floats("half", [2], [-1.5, 2.5]), ints("one", [1]), floats("float", [1], [0])];
  const nodes = (like: string): WrittenNode[] => [["CastLike", `half ${like}`, "r"]];
  assertClose(await fold(nodes("one"), weights), [-1, 2]);
  assertClose(await fold(nodes("float"), weights), [-1.5, 2.5]);
  assertClose(await fold(nodes("x"), weights), [-1.5, 2.5]);
});

Deno.test("masks of windows fold: Range, Mod, Where, Expand, ScatterND, Transpose, Gather, Split", async () => {
  const nodes: WrittenNode[] = [
    ["Constant", "", "zero", { value: scalar("", 0) }],
    ["Constant", "", "six", { value: scalar("", 6) }],
    ["Constant", "", "two", { value: scalar("", 2) }],
    ["Range", "zero six one", "range"],
    ["Mod", "range two", "odd"],
    ["Equal", "odd zero", "isEven"],
    ["Where", "isEven range minus", "even"],
    ["Reshape", "even square", "grid"],
    ["Transpose", "grid", "turned"],
    ["ScatterND", "turned places news", "marked"],
    ["Gather", "marked last", "rows", { axis: { int: 0 } }],
    ["Split", "rows", "left right", { axis: { int: 1 } }],
    ["Sub", "left right", "difference"],
    ["ConstantOfShape", "shape", "zeros", { value: ints("", [5]) }],
    ["Expand", "difference shape", "wide"],
    ["Add", "wide zeros", "r"],
  ];
  const weights = [
    scalar("one", 1),
    scalar("minus", -1),
    ints("square", [2, 3]),
    ints("places", [0, 1], [1, 2]),
    ints("news", [9]),
    ints("last", [2, 0]),
    ints("shape", [2, 2]),
  ];
  // range 0..5, odd ones -1: [[0, -1, 2], [-1, 4, -1]], turned [[0, -1], [-1, 4], [2, -1]], marked [[0, 9], ...],
  // rows 2 and 0: [[2, -1], [0, 9]], left - right: [[3], [-9]], stretched and 5 added.
  assertClose(await fold(nodes, weights), [8, 8, -4, -4]);
});

Deno.test("reductions of the host are those of the device", async () => {
  for (const operator of ["ReduceSum", "ReduceMax", "ReduceMin", "ReduceMean", "ReduceProd"]) {
    const data = [1, -2, 3, 0.5, 4, -1];
    const attributes = { axes: [0], keepdims: { int: 0 } };
    const opset = 11;
    const nodes: WrittenNode[] = [
      ["ReduceMean", "x", "zero"],
      [operator, "w", "onHost", attributes],
      ["Mul", "w one", "device"],
      ["Add", "device zero", "four"],
      ["Reshape", "four shape", "two"],
      [operator, "two", "onDevice", attributes],
      ["Sub", "onDevice onHost", "y"],
    ];
    // A place that is read on the host keeps "w" there.
    const reads: WrittenNode = ["Clip", "x low w0", "unused"];
    const weights = [
      floats("one", [], [1]),
      ints("shape", [2, 3]),
      floats("low", [], [0]),
      floats("w0", [], [1]),
    ];
    const constant: WrittenNode = ["Constant", "", "w", { value: floats("", [2, 3], data) }];
    const [output] = await runWritten(
      { nodes: [constant, ...nodes, reads], weights, opset },
      images,
    );
    assertClose(output, [0, 0, 0], 1e-6);
  }
});

Deno.test("arrays of the host have a bound", async () => {
  const nodes: WrittenNode[] = [["ConstantOfShape", "shape", "r"]];
  await assert.rejects(
    () => fold(nodes, [ints("shape", [1e6, 1e6])]),
    /Cannot run ConstantOfShape "ConstantOfShape_0" \(opset 17\) of test.onnx as an array of .* is too large/,
  );
});
