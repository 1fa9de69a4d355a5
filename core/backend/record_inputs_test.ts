import { assertClose, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { record } from "./record.ts";

await useTestBackend();

Deno.test("record keeps inputs apart that shared their data when the step was recorded", async () => {
  using step = record(({ a, b }: { a: tf.Tensor; b: tf.Tensor }) =>
    tf.sub(tf.mul(a, 10), tf.reshape(b, [2]))
  );
  const values = tf.tensor1d([1, 2]);
  const others = tf.tensor1d([3, 4]);
  assertClose(step({ a: values, b: values }), [9, 18]);
  assertClose(step({ a: values, b: tf.clone(values) }), [9, 18]);
  assertClose(step({ a: values, b: others }), [7, 16]);
  assertClose(step({ a: others, b: values }), [29, 38]);
  await assertNoLeak(() => step({ a: values, b: values }).dispose());
});

Deno.test("record keeps an input apart from its reshaped view", () => {
  using step = record(({ a, b }: { a: tf.Tensor; b: tf.Tensor }) =>
    tf.sub(tf.mul(a, 10), tf.sum(b))
  );
  const values = tf.tensor1d([1, 2]);
  assertClose(step({ a: values, b: tf.reshape(values, [2, 1]) }), [7, 17]);
  assertClose(step({ a: values, b: tf.tensor2d([[5], [5]]) }), [0, 10]);
});
