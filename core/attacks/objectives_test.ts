import assert from "node:assert/strict";
import { assertClose, assertGradient, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { carliniWagnerMargin, crossEntropy, klDivergence, margin } from "./objectives.ts";

await useTestBackend();

const logits = tf.tensor2d([[1, 2, -0.5], [-3, -1, -2]]);
const labels = tf.tensor1d([0, 1], "int32");
const softmax = (row: number[]) => {
  const sum = row.reduce((total, value) => total + Math.exp(value), 0);
  return row.map((value) => Math.exp(value) / sum);
};

Deno.test("crossEntropy is minus the logarithm of the label's probability", () => {
  const expected = [-Math.log(softmax([1, 2, -0.5])[0]), -Math.log(softmax([-3, -1, -2])[1])];
  assertClose(crossEntropy(logits, labels), expected);
});

Deno.test("klDivergence is the sum of p (log p - log q), p being the clean side", () => {
  const reference = [[0, 1, 2], [1, 1, -1]];
  const expected = reference.map((row, index) => {
    const [p, q] = [softmax(row), softmax(logits.arraySync()[index])];
    return p.reduce((sum, value, k) => sum + value * Math.log(value / q[k]), 0);
  });
  assertClose(klDivergence(logits, tf.tensor2d(reference)), expected);
});

Deno.test("klDivergence and its gradient are finite where probabilities underflow", () => {
  const sharp = tf.tensor2d([[300, 0, -300], [0, 0, 500]]);
  const turned = tf.tensor2d([[-300, 300, 0], [500, 0, 0]]);
  assertClose(klDivergence(turned, sharp), [600, 500]);
  const gradient = tf.grad((z) => klDivergence(z as tf.Tensor2D, sharp))(turned);
  assertClose(gradient, [-1, 1, 0, 1, 0, -1]);
});

Deno.test("margin is the greatest other logit minus the own one, also where all are negative", () => {
  assertClose(margin(logits, labels), [1, -1]);
});

Deno.test("carliniWagnerMargin has no gradient once the example is beyond the confidence", () => {
  const gradient = tf.grad((z) => carliniWagnerMargin(z as tf.Tensor2D, labels, 0.5))(logits);
  assertClose(gradient, [0, 0, 0, 0, -1, 1]);
});

Deno.test("objectives have the gradients of finite differences", () => {
  const objectives = [
    (z: tf.Tensor2D) => crossEntropy(z, labels),
    (z: tf.Tensor2D) => klDivergence(z, tf.tensor2d([[0, 1, 2], [1, 1, -1]])),
    (z: tf.Tensor2D) => margin(z, labels),
    (z: tf.Tensor2D) => carliniWagnerMargin(z, labels),
  ];
  for (const objective of objectives) {
    assertGradient((z) => tf.sum(objective(z as tf.Tensor2D)) as tf.Scalar, [logits]);
  }
});

Deno.test("objectives give one number an example", () => {
  for (
    const values of [
      crossEntropy(logits, labels),
      margin(logits, labels),
      klDivergence(logits, logits),
    ]
  ) {
    assert.deepEqual(values.shape, [2]);
  }
});
