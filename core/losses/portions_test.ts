import assert from "node:assert/strict";
import { assertClose, assertGradient, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { half } from "./portions.ts";

await useTestBackend();

Deno.test("half takes tensors of any rank apart, in arrays and objects", () => {
  const output = {
    logits: tf.tensor2d([[1, 2], [3, 4], [5, 6], [7, 8]]),
    maps: [tf.tensor1d([1, 2, 3, 4], "int32"), { deep: tf.ones([2, 1, 1, 3]) }],
  };
  assertClose(half(output, 0).logits, [1, 2, 3, 4]);
  const second = half(output, 1);
  assertClose(second.logits, [5, 6, 7, 8]);
  const [indices, { deep }] = second.maps as [tf.Tensor1D, { deep: tf.Tensor4D }];
  assertClose(indices, [3, 4]);
  assert.equal(indices.dtype, "int32");
  assert.deepEqual(deep.shape, [1, 1, 1, 3]);
});

Deno.test("half passes the gradient to its rows only", () => {
  const x = tf.tensor2d([[1, 2], [3, 4]]);
  assertClose(tf.grad((value) => tf.sum(half(value, 1)))(x), [0, 0, 1, 1]);
  assertGradient((value) => tf.sum(tf.square(half(value, 0))), [x]);
});

Deno.test("half refuses what has no two halves", () => {
  const refused = /Cannot take half of a batch as its first axis must be even/;
  assert.throws(() => half(tf.zeros([3, 2]), 0), refused);
  assert.throws(() => half(tf.scalar(1), 0), refused);
});
