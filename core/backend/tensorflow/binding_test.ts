import assert from "node:assert/strict";
import { useTestBackend } from "../../testing/mod.ts";
import * as tf from "../../tf.ts";
import { record } from "../record.ts";

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
  name: "an operation that fails says so itself, and a step that is recorded next is recorded",
  ignore,
  fn() {
    // The kernel alone, as tf.matMul checks shapes itself.
    const multiply = (a: tf.Tensor, b: tf.Tensor) =>
      tf.engine().runKernel("BatchMatMul", { a, b }, { transposeA: false, transposeB: false });
    const [x, held] = [tf.neg([-1, -2]), tf.neg([-3, -4])];
    assert.throws(() => multiply(tf.ones([2, 3]), tf.ones([2, 3])), /TensorFlow says/);
    using step = record(({ x }: { x: tf.Tensor }) => tf.mul(x, held));
    assert.deepEqual(step({ x }).arraySync(), [3, 8]);
  },
});
