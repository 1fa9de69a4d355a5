import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { reflectPad } from "./reflect_pad.ts";
import { assertClose, assertGradient, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";

await useTestBackend();

/** `[2, height, width, 3]` of random numbers. */
function pictures(height: number, width: number): tf.Tensor4D {
  const values = createRandom(1, height, width).uniforms(2 * height * width * 3, -1, 1);
  return tf.tensor4d(values, [2, height, width, 3]);
}

/** Every case: both sides mirrored apart, their mirror images touching, and overlapping. */
const cases = [[9, 7, 1], [9, 12, 3], [8, 8, 3], [4, 5, 3], [2, 2, 1]] as const;

for (const [height, width, size] of cases) {
  Deno.test(`reflectPad() of ${height}x${width} by ${size} takes pixels by their mirrored index`, () => {
    const input = pictures(height, width);
    const values = input.arraySync();
    const mirror = (index: number, length: number) =>
      index < 0 ? -index : index >= length ? 2 * (length - 1) - index : index;
    const expected = values.map((rows) =>
      Array.from({ length: height + 2 * size }, (_, row) =>
        Array.from(
          { length: width + 2 * size },
          (_, column) => rows[mirror(row - size, height)][mirror(column - size, width)],
        ))
    );
    assert.deepEqual(reflectPad(input, size).arraySync(), expected);
  });

  Deno.test(`reflectPad() of ${height}x${width} by ${size} has the gradient of finite differences`, () => {
    const weights = tf.square(pictures(height + 2 * size, width + 2 * size));
    const loss = (input: tf.Tensor) =>
      tf.sum(tf.mul(weights, tf.square(reflectPad(input as tf.Tensor4D, size)))) as tf.Scalar;
    assertGradient(loss, [pictures(height, width)]);
  });
}

Deno.test("reflectPad() is linear: its gradient sums to what goes in", () => {
  const gradient = tf.grad((input) => tf.sum(reflectPad(input as tf.Tensor4D, 3)));
  assertClose(tf.sum(gradient(pictures(8, 10))), [2 * 14 * 16 * 3]);
});

Deno.test("reflectPad() refuses to reflect more than there is", () => {
  assert.throws(() => reflectPad(pictures(3, 8), 3), /must have more rows and columns: .* 3x8/);
});
