import assert from "node:assert/strict";
import { packedConv, packs } from "./packed_conv.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertGradient, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";

await useTestBackend();

function numbers(...shape: [number, number, number, number]): tf.Tensor4D {
  const count = shape.reduce((product, size) => product * size, 1);
  return tf.tensor4d(createRandom(2, ...shape).uniforms(count, -1, 1), shape);
}

Deno.test("packedConv() is the convolution itself", () => {
  for (const [height, width, kernel, outputs] of [[12, 14, 7, 3], [6, 8, 5, 1], [8, 8, 5, 4]]) {
    const [input, weight] = [numbers(2, height, width, 3), numbers(kernel, kernel, 3, outputs)];
    assertClose(packedConv(input, weight), tf.conv2d(input, weight, 1, "valid"), 1e-5);
  }
});

Deno.test("packedConv() has the gradients of finite differences", () => {
  const weights = numbers(1, 4, 2, 2);
  assertGradient(
    (input, weight) => {
      const output = packedConv(input as tf.Tensor4D, weight as tf.Tensor4D);
      return tf.sum(tf.mul(weights, tf.square(output))) as tf.Scalar;
    },
    [numbers(1, 8, 6, 2), numbers(5, 5, 2, 2)],
  );
});

Deno.test("packs() takes large kernels to few channels where outputs come in pairs", () => {
  const weight = numbers(7, 7, 2, 3);
  assert.equal(packs(numbers(1, 14, 14, 2), weight, 1), true);
  assert.equal(packs(numbers(1, 14, 14, 2), weight, 2), false);
  assert.equal(packs(numbers(1, 14, 13, 2), weight, 1), false);
  assert.equal(packs(numbers(1, 14, 14, 2), numbers(7, 7, 2, 8), 1), false);
  assert.equal(packs(numbers(1, 8, 8, 2), numbers(3, 3, 2, 3), 1), false);
});
