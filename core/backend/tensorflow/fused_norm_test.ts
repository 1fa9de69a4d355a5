import assert from "node:assert/strict";
import { createRandom } from "../../random.ts";
import { assertClose, assertGradient, assertNoLeak, useTestBackend } from "../../testing/mod.ts";
import * as tf from "../../tf.ts";
import { normalizeBatch } from "./fused_norm.ts";

await useTestBackend();

const EPSILON = 1e-3;
const draw = (name: string, shape: number[], low = -1, high = 1) => {
  const count = shape.reduce((product, size) => product * size, 1);
  return tf.tensor(createRandom(1, name).uniforms(count, low, high), shape);
};
const inputs = (shape: [number, number, number, number] = [2, 3, 4, 5]) => ({
  input: tf.add(draw("input", shape), 0.5) as tf.Tensor4D,
  scale: draw("scale", [shape[3]], 0.5, 2) as tf.Tensor1D,
  shift: draw("shift", [shape[3]]) as tf.Tensor1D,
});
const normalize = ({ input, scale, shift }: ReturnType<typeof inputs>) =>
  normalizeBatch(input, scale, shift, EPSILON);

for (const shape of [[2, 3, 4, 5], [4, 1, 1, 3], [1, 2, 2, 1]] as const) {
  Deno.test(`normalizeBatch has the values of its definition for [${shape}]`, () => {
    const { input, scale, shift } = inputs([...shape]);
    const { output, mean, variance } = normalizeBatch(input, scale, shift, EPSILON);
    const centre = tf.mean(input, [0, 1, 2]);
    const square = tf.mean(tf.square(tf.sub(input, centre)), [0, 1, 2]);
    assertClose(mean, centre, 1e-5);
    assertClose(variance, square, 1e-5);
    const standard = tf.div(tf.sub(input, centre), tf.sqrt(tf.add(square, EPSILON)));
    assertClose(output, tf.add(tf.mul(standard, scale), shift), 1e-4);
  });
}

Deno.test("normalizeBatch has the gradient of finite differences", () => {
  const { input, scale, shift } = inputs();
  const weights = draw("weights", input.shape);
  const compute = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) => {
    const args = [x as tf.Tensor4D, gamma as tf.Tensor1D, beta as tf.Tensor1D] as const;
    return tf.sum(tf.mul(normalizeBatch(...args, EPSILON).output, weights)) as tf.Scalar;
  };
  assertGradient(compute, [input, scale, shift]);
});

Deno.test("normalizeBatch's statistics carry no value from one call to the next, nor leave tensors", async () => {
  const given = inputs();
  await assertNoLeak(() => tf.tidy(() => void normalize(given)));
  await assertNoLeak(() =>
    tf.tidy(() =>
      void tf.grad((x) => normalize({ ...given, input: x as tf.Tensor4D }).output)(given.input)
    )
  );
  const first = normalize(given).mean.dataSync();
  normalize({ ...given, input: tf.zerosLike(given.input) });
  assert.deepEqual(normalize(given).mean.dataSync(), first);
});
