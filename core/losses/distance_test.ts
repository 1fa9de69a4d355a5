import assert from "node:assert/strict";
import { record } from "../backend/mod.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertGradient, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { absolute, meanAbsoluteDifference, stopGradient } from "./distance.ts";

await useTestBackend();

function values(name: string, ...shape: number[]): tf.Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return tf.tensor(createRandom(3, name).normals(count, 2), shape);
}

Deno.test("absolute has value and gradient of the absolute value", () => {
  const x = values("x", 3, 5);
  assertClose(absolute(x), x.dataSync().map(Math.abs));
  assertGradient((value) => tf.sum(tf.square(absolute(value))), [x]);
});

Deno.test("meanAbsoluteDifference is the mean over all numbers", () => {
  const [a, b] = [values("a", 2, 3, 4), values("b", 2, 3, 4)];
  const [first, second] = [a.dataSync<"float32">(), b.dataSync<"float32">()];
  const expected = first.reduce((sum, value, i) => sum + Math.abs(value - second[i]), 0) / 24;
  assertClose(meanAbsoluteDifference(a, b), [expected]);
});

Deno.test("meanAbsoluteDifference has the gradient of its values on both sides", () => {
  const inputs = [values("a", 2, 3), values("b", 2, 3)];
  assertGradient((a, b) => tf.square(meanAbsoluteDifference(a, b)), inputs);
});

Deno.test("meanAbsoluteDifference of equal tensors pulls neither side", () => {
  const x = values("x", 4);
  const [first, second] = tf.grads((a, b) => meanAbsoluteDifference(a, b))([x, tf.clone(x)]);
  assertClose(first, [0, 0, 0, 0]);
  assertClose(second, [0, 0, 0, 0]);
});

Deno.test("meanAbsoluteDifference refuses shapes that differ, even where one could be stretched", () => {
  assert.throws(
    () => meanAbsoluteDifference(tf.zeros([2, 3]), tf.zeros([1, 3])),
    /Cannot compute a mean absolute difference as `second` must be \[2, 3\]: current shape is \[1, 3\]/,
  );
});

Deno.test("stopGradient lets no gradient through, on any way", () => {
  const x = tf.tensor1d([1, 2, 3]);
  const loss = (value: tf.Tensor) => tf.sum(tf.mul(tf.square(stopGradient(tf.exp(value))), value));
  assertClose(tf.grad(loss)(x), [2, 4, 6].map(Math.exp), 1e-4);
});

Deno.test("stopGradient works in a recorded step", () => {
  using step = record(({ x }: { x: tf.Tensor }) =>
    tf.grad((value) => tf.sum(tf.mul(value, stopGradient(tf.square(value)))))(x)
  );
  for (const value of [2, 3, 4]) assertClose(step({ x: tf.tensor1d([value]) }), [value ** 2]);
});
