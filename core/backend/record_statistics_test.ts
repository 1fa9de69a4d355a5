import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertClose, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { record } from "./record.ts";

await useTestBackend();
const ignore = tf.getBackend() !== "tensorflow";

const draw = (name: string, shape: number[]) => {
  const count = shape.reduce((product, size) => product * size, 1);
  return tf.tensor(createRandom(1, name).uniforms(count, -1, 1), shape);
};

/** What a recording of a step holds, and what it gives. */
function measure(body: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor) {
  using step = record(({ x }: { x: tf.Tensor }) => body(x));
  assert.equal(step.statistics(), undefined);
  const result = step({ x });
  assertClose(result, body(x), 1e-4);
  result.dispose();
  return step.statistics()!;
}

Deno.test({
  name: "record counts the arithmetic of convolutions, their gradients and matrix products",
  ignore,
  fn() {
    const images = draw("images", [2, 8, 8, 3]) as tf.Tensor4D;
    const filter = draw("filter", [3, 3, 3, 4]) as tf.Tensor4D;
    const forward = 2 * (2 * 8 * 8 * 4) * (3 * 3 * 3);
    const conv = (x: tf.Tensor, w: tf.Tensor) =>
      tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same");
    assert.equal(measure((x) => conv(x, filter), images).flops, forward);
    const squares = (w: tf.Tensor) => tf.sum(tf.square(conv(images, w)));
    assert.equal(measure((w) => tf.grad(squares)(w), filter).flops, 2 * forward);
    const matrix = draw("matrix", [5, 7]);
    const others = draw("others", [7, 2]);
    const product = (x: tf.Tensor) => tf.matMul(x, others);
    assert.equal(measure(product, matrix).flops, 2 * 5 * 7 * 2);
    const transposed = (x: tf.Tensor) => tf.matMul(x, matrix, true, true);
    assert.equal(measure(transposed, draw("tall", [7, 6])).flops, 2 * 6 * 7 * 5);
    assert.equal(measure((x) => tf.tanh(x), matrix).flops, 0);
  },
});

Deno.test({
  name: "record writes nothing down twice, constants included",
  ignore,
  fn() {
    const x = draw("x", [4, 4]);
    const branch = (x: tf.Tensor) => tf.tanh(tf.matMul(tf.add(x, tf.tensor1d([1, 2, 3, 4])), x));
    const once = measure((x) => tf.mul(branch(x), 2), x);
    const twice = measure((x) => tf.add(branch(x), branch(x)), x);
    assert.equal(twice.flops, once.flops);
    assert.ok(twice.operations <= once.operations);
  },
});

Deno.test({
  name: "record keeps apart what only looks alike",
  ignore,
  fn() {
    const x = draw("x", [2, 2]);
    // The same bytes in another shape or type, other attributes, other order of inputs.
    measure((x) => tf.add(tf.add(x, tf.tensor2d([[1, 2]])), tf.tensor2d([[1], [2]])), x);
    measure((x) => tf.add(tf.mul(x, tf.scalar(0)), tf.cast(tf.scalar(0, "int32"), "float32")), x);
    measure((x) => tf.add(tf.sum(x, 0, true), tf.sum(x, 1, true)), x);
    measure((x) => tf.sub(tf.matMul(x, x, true), tf.matMul(x, x, false, true)), x);
    measure((x) => tf.add(tf.sub(x, 1), tf.mul(tf.sub(1, x), 3)), x);
    const large = (value: number) => tf.fill([2000], value);
    measure((x) => tf.add(tf.mul(tf.sum(large(1)), x), tf.sum(large(2))), x);
  },
});

Deno.test({
  name: "record reads a variable anew after it was assigned",
  ignore,
  fn() {
    const weight = tf.variable(tf.scalar(1));
    using step = record(({ x }: { x: tf.Tensor }) => {
      const before = tf.mul(weight, x);
      weight.assign(tf.add(weight, 1));
      return tf.sub(tf.mul(tf.mul(weight, x), 10), before);
    }, { variables: [weight] });
    const x = tf.scalar(1);
    assert.deepEqual([0, 1].map(() => step({ x }).dataSync()[0]), [19, 28]);
    weight.dispose();
  },
});
