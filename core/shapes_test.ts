import assert from "node:assert/strict";
import { assertShapes } from "./shapes.ts";
import * as tf from "./tf.ts";

await tf.setBackend("cpu");
const zeros = (...shape: number[]) => tf.zeros(shape);

Deno.test("assertShapes gives the sizes that letters stand for", () => {
  const sizes = assertShapes(
    "compute",
    { images: zeros(2, 8, 6, 3), labels: zeros(2), rate: zeros() },
    { images: ["B", "H", "W", 3], labels: ["B"], rate: [] },
  );
  assert.deepEqual(sizes, { B: 2, H: 8, W: 6 });
});

Deno.test("assertShapes lets any size pass where none is wanted", () => {
  assertShapes("compute", { map: zeros(5, 7) }, { map: [null, 7] });
});

Deno.test("assertShapes names the tensor, what it must be and what it is", () => {
  const compute = (features: tf.Tensor, labels: tf.Tensor) =>
    assertShapes("compute", { features, labels }, { features: ["N", 4], labels: ["N"] });
  const messages: [tf.Tensor, tf.Tensor, string][] = [
    [zeros(3, 5), zeros(3), "`features` must be [N, 4]: current shape is [3, 5]"],
    [zeros(3), zeros(3), "`features` must be [N, 4]: current shape is [3]"],
    [zeros(3, 4), zeros(2), "`labels` must be [N = 3]: current shape is [2]"],
  ];
  for (const [features, labels, message] of messages) {
    assert.throws(() => compute(features, labels), new TypeError(`Cannot compute as ${message}`));
  }
});

Deno.test("assertShapes tells of a letter that stands for two sizes of one tensor", () => {
  assert.throws(
    () => assertShapes("compute", { square: zeros(3, 4) }, { square: ["N", "N"] }),
    /`square` must be \[.*N.*\]: current shape is \[3, 4\]/,
  );
});
