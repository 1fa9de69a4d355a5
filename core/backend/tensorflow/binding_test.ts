import assert from "node:assert/strict";
import { useTestBackend } from "../../testing/mod.ts";
import * as tf from "../../tf.ts";

await useTestBackend();
const ignore = tf.getBackend() !== "tensorflow";

Deno.test({
  name: "a list of tensors in the place of one throws, instead of reading memory that is none",
  ignore,
  fn() {
    const [a, b] = [tf.ones([2, 64, 64, 3]), tf.ones([2, 10])];
    const sum = (tensors: tf.Tensor[]) => tf.sum(tensors as unknown as tf.Tensor);
    const reason =
      /^RangeError: Cannot make a tensor of \[2\] as it must have 8 bytes of values: current length is 0/;
    // Without the check TensorFlow ends the process in most of these.
    for (let round = 0; round < 50; round++) {
      tf.tidy(() => {
        assert.throws(() => sum([a, b]), reason);
        assert.throws(() => tf.grad((x) => sum([tf.mul(x, 2), b]))(a), reason);
      });
    }
  },
});

Deno.test({
  name: "an operation that fails says so itself, and the tensor made next is made",
  ignore,
  fn() {
    // Its shapes are TensorFlow's to check; ours are those of the kernel, not of tf.matMul.
    const multiply = (a: tf.Tensor, b: tf.Tensor) =>
      tf.engine().runKernel("BatchMatMul", { a, b }, { transposeA: false, transposeB: false });
    assert.throws(() => multiply(tf.ones([2, 3]), tf.ones([2, 3])), /TensorFlow says/);
    assert.deepEqual(tf.neg(tf.tensor1d([1, 2])).arraySync(), [-1, -2]);
  },
});
