import { createRandom } from "@realign/core";
import { assertClose, assertGradient, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { classColumns, takeColumns } from "./class_columns.ts";

await useTestBackend();
const classNames = ["person", "cat", "dog", "cat"];

Deno.test("classColumns() finds the wanted classes in their order, and each once", () => {
  const columns = classColumns({ classNames, classes: ["dog", "person"] }, "use it");
  assert.deepEqual(columns(4), [2, 0]);
  assert.throws(
    () => classColumns({ classNames, classes: ["cat"] }, "use it"),
    /Cannot use it as it has the class "cat" twice/,
  );
});

Deno.test("classColumns() of names without the background counts around it", () => {
  const columns = classColumns({ classNames, classes: ["dog", "person"] }, "use it");
  assert.deepEqual(columns(5, 0), [3, 1]);
  assert.deepEqual(columns(5, 4), [2, 0]);
  const named = ["__background__", "person", "N/A", "dog"];
  assert.deepEqual(
    classColumns({ classNames: named, classes: ["dog"] }, "use it")(4, 0),
    [3],
  );
});

Deno.test("classColumns() of numbered names takes them as they are", () => {
  const columns = classColumns({ classNames: { 1: "person", 90: "dog" }, classes: ["dog"] }, "u");
  assert.deepEqual(columns(91, 0), [90]);
  assert.throws(
    () => columns(80, 0),
    /^RangeError: Cannot u as it has 80 columns, and no class in 90/,
  );
});

Deno.test("classColumns() without names takes all but the background", () => {
  assert.deepEqual(classColumns({}, "use it")(4, 1), [0, 2, 3]);
  const columns = classColumns({ classes: ["a", "b"] }, "use m.onnx");
  assert.deepEqual(columns(2), [0, 1]);
  assert.throws(
    () => columns(3),
    /^RangeError: Cannot use m.onnx as it has 3 classes, and 2 are wanted: set classNames$/,
  );
});

Deno.test("classColumns() tells of all missing names in one line", () => {
  assert.throws(
    () => classColumns({ classNames, classes: ["dgo", "person", "xylophone"] }, "use m.onnx"),
    /^RangeError: Cannot use m.onnx as it has no class "dgo", "xylophone": did you mean "dog"\?$/,
  );
  assert.throws(
    () => classColumns({ classNames: { a: "x" }, classes: ["x"] }, "u"),
    /value is "a"/,
  );
});

Deno.test("takeColumns() takes columns, and its gradient puts them back", () => {
  const values = tf.tensor3d(createRandom(1).uniforms(24, -1, 1), [2, 3, 4]);
  const expected = tf.gather(values, tf.tensor1d([3, 1], "int32"), 2);
  assertClose(takeColumns(values, [3, 1]), expected);
  assert.equal(takeColumns(values, [0, 1, 2, 3]), values);
  assertGradient((x) => tf.sum(tf.square(takeColumns(x, [3, 1]))) as tf.Scalar, [values]);
});
