import assert from "node:assert/strict";
import { headInput } from "./head_input.ts";
import { readOnnx } from "./model.ts";
import { floats, onnxFile, type WrittenModel } from "./testing.ts";

const weights = ["w", "v", "u"].map((name) => floats(name, [3, 3, 1, 1], new Float32Array(9)));
const find = async (nodes: WrittenModel["nodes"], name = "y") =>
  headInput(await readOnnx(onnxFile({ nodes, weights })), name);

Deno.test("headInput() is what the last convolution takes, of the first of several maps", async () => {
  const found = await find([
    ["Conv", "x w", "fine"],
    ["Conv", "fine v", "a"],
    ["Transpose", "a", "turned"],
    ["Conv", "fine u", "b"],
    ["Concat", "turned b", "y", { axis: { int: 1 } }],
  ]);
  assert.equal(found, "fine");
});

Deno.test("headInput() goes back through convolutions that maps share, passed on or not", async () => {
  const found = await find([
    ["Identity", "v", "again"],
    ["Conv", "x w", "fine"],
    ["Conv", "fine v", "a"],
    ["Relu", "a", "active"],
    ["Conv", "active u", "b"],
    ["Conv", "x again", "c"],
    ["Conv", "c u", "d"],
    ["Concat", "b d", "y", { axis: { int: 1 } }],
  ]);
  assert.equal(found, "fine");
});

Deno.test("headInput() of weights that nodes hold takes them for those of one map", async () => {
  const found = await find([
    ["Constant", "", "k", { value: floats("k", [3, 3, 1, 1], new Float32Array(9)) }],
    ["Constant", "", "l", { value: floats("l", [3, 3, 1, 1], new Float32Array(9)) }],
    ["Conv", "x k", "fine"],
    ["Conv", "fine l", "y"],
  ]);
  assert.equal(found, "fine");
});

Deno.test("headInput() without a convolution is not known", async () => {
  assert.equal(await find([["Relu", "x", "y"]]), undefined);
});
