import * as tf from "@realign/core/tf";
import { useTestBackend } from "@realign/core/testing";
import assert from "node:assert/strict";
import { gradientOperations } from "./gradient_operations.ts";

await useTestBackend();

/** Numbers without two that are alike, of both signs. */
const numbers = (shape: [number, number, number, number], scale = 1) =>
  tf.mul(tf.sin(tf.mul(tf.range(0, shape.reduce((a, b) => a * b)), 1.7)), scale)
    .reshape(shape) as tf.Tensor4D;

async function assertSame(actual: tf.Tensor, expected: tf.Tensor): Promise<void> {
  assert.deepEqual(actual.shape, expected.shape);
  const difference = tf.max(tf.abs(tf.sub(actual, expected)));
  const greatest = tf.max(tf.abs(expected));
  assert.ok((await greatest.data())[0] > 0.1);
  assert.ok((await difference.data())[0] < 1e-5, `differs by ${await difference.data()}`);
}

const operations = gradientOperations(tf);
const node = (inputs: tf.Tensor[], attrs: Record<string, unknown> = {}) => ({ inputs, attrs });
/** Of shapes, which only the device has. */
const unread = tf.tensor1d([0], "int32");

Deno.test("ReluGrad and Relu6Grad are the gradients of what they are named after", async () => {
  const [x, dy] = [numbers([1, 4, 4, 3], 9), numbers([1, 4, 4, 3], 2)];
  for (const [name, active] of [["ReluGrad", tf.relu], ["Relu6Grad", tf.relu6]] as const) {
    const y = active(x) as tf.Tensor;
    await assertSame(operations[name](node([dy, y])), tf.grad((x) => active(x))(x, dy));
  }
});

Deno.test("MaxPoolGrad and AvgPoolGrad reach windows without a positive number too", async () => {
  const x = tf.sub(numbers([1, 6, 6, 2]), 3) as tf.Tensor4D;
  const attrs = { ksize: [1, 3, 3, 1], strides: [1, 2, 2, 1], padding: "same" };
  const y = tf.maxPool(x, 3, 2, "same");
  const dy = numbers(y.shape);
  const most = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, 3, 2, "same");
  await assertSame(operations.MaxPoolGrad(node([x, y, dy], attrs)), tf.grad(most)(x, dy));
  const mean = (x: tf.Tensor) => tf.avgPool(x as tf.Tensor4D, 3, 2, "same");
  const shaped = { ...attrs, inputShape: x.shape };
  await assertSame(operations.AvgPoolGrad(node([unread, dy], shaped)), tf.grad(mean)(x, dy));
});

Deno.test("Conv2DBackpropInput is the gradient of strided and of dilated convolutions", async () => {
  const x = numbers([1, 7, 8, 2]);
  const filter = numbers([3, 2, 2, 3]);
  for (
    const [stride, dilation, padding] of [
      [2, 1, "valid"],
      [2, 1, "same"],
      [1, 2, "same"],
      [1, 3, "valid"],
    ] as const
  ) {
    const run = (x: tf.Tensor) =>
      tf.conv2d(x as tf.Tensor4D, filter, stride, padding, "NHWC", dilation);
    const dy = numbers(run(x).shape as [number, number, number, number]);
    const attrs = {
      ...{ padding, inputShape: x.shape },
      strides: [1, stride, stride, 1],
      dilations: [1, dilation, dilation, 1],
    };
    const actual = operations.Conv2DBackpropInput(node([unread, filter, dy], attrs));
    await assertSame(actual, tf.grad(run)(x, dy));
  }
});
