import { createRandom, IMAGENET, normalizeImages } from "@realign/core";
import { assertClose, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { readOnnx } from "./model.ts";
import { createOnnxTarget, type OnnxTargetOptions } from "./target.ts";
import { onnxFile, type WrittenModel } from "./testing.ts";

await useTestBackend();
const images = tf.tensor4d(createRandom(1).uniforms(2 * 4 * 6 * 3, 0, 1), [2, 4, 6, 3]);

const mapOf = async (model: WrittenModel, options: OnnxTargetOptions) =>
  createOnnxTarget(await readOnnx(onnxFile(model), { origin: "m.onnx" }), {
    kind: "a map",
    outputs: ["y", "inner"],
    read: (values) => ({ y: values.map("y"), inner: values.map("inner"), size: values.size }),
  }, options);

const nodes: WrittenModel["nodes"] = [["Neg", "x", "inner"], ["Identity", "inner", "y"]];
const free = { nodes, dims: ["N", 3, "H", "W"] };

Deno.test("createOnnxTarget() normalises, then puts blue first where the model takes it so", async () => {
  using target = await mapOf(free, { normalization: IMAGENET, channels: "bgr", size: [4, 6] });
  const expected = tf.neg(tf.reverse(normalizeImages(images, IMAGENET), 3));
  assertClose(target.forward(images).y, expected);
});

Deno.test("createOnnxTarget() resizes to the told size, and not where it is asked for any", async () => {
  using target = await mapOf(free, { size: [8, 8] });
  assert.deepEqual(target.forward(images).y.shape, [2, 8, 8, 3]);
  assert.deepEqual(target.unresized!(images).size, [4, 6]);
  using sized = await mapOf({ nodes, dims: ["N", 3, 5, 7] }, {});
  assert.deepEqual(sized.forward(images).size, [5, 7]);
  assert.equal(sized.unresized, undefined);
});

Deno.test("createOnnxTarget() leaves outputs of a model with channels last as they are", async () => {
  const last: WrittenModel = {
    nodes: [
      ["Transpose", "x", "inner", { perm: [0, 3, 1, 2] }],
      ["Transpose", "inner", "y", { perm: [0, 2, 3, 1] }],
    ],
    dims: ["N", 4, 6, 3],
  };
  using target = await mapOf(last, {});
  const { y, inner } = target.forward(images);
  assertClose(y, images);
  assertClose(inner, images);
});

Deno.test("createOnnxTarget() says what must be told, and of a value that is no map", async () => {
  await assert.rejects(mapOf(free, {}), /^RangeError: Cannot use m.onnx as a map as .* set size$/);
  const flat: WrittenModel = { ...free, nodes: [["Neg", "x", "inner"], ["Flatten", "x", "y"]] };
  using target = await mapOf(flat, { size: [4, 6] });
  assert.throws(
    () => target.forward(images),
    /"y" must be \[B, C, h, w\]: current shape is \[2, 72\]/,
  );
});
