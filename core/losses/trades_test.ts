import assert from "node:assert/strict";
import { crossEntropy, logitObjectives } from "../attacks/objectives.ts";
import type { Images } from "../dataset.ts";
import { asWorker } from "../testing/as_worker.ts";
import { assertClose, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { gradientsOf } from "../train/gradients.ts";
import { tradesLoss } from "./trades.ts";

await useTestBackend();

const task = {
  name: "one slope",
  taskLoss: (logits: tf.Tensor2D, labels: tf.Tensor1D) =>
    tf.mean(crossEntropy(logits, labels)) as tf.Scalar,
  objectives: logitObjectives((logits: tf.Tensor2D) => logits),
};
const labels = tf.tensor1d([0], "int32");
const pixel = (value: number): Images => tf.tensor4d([value, 0], [1, 1, 1, 2]);

/** The loss and its gradient in a, with logits [a v, 0]. */
function tradesAt(clean: number, adversarial: number, beta: number) {
  const slope = tf.variable(tf.scalar(4));
  const forward = (images: Images) => tf.mul(tf.reshape(images, [-1, 2]), slope) as tf.Tensor2D;
  const batch = { clean: pixel(clean), adversarial: pixel(adversarial), labels };
  const { kept, gradients } = gradientsOf([slope], () => {
    const terms = tradesLoss(task, forward, batch, beta);
    return { loss: terms.total, kept: terms };
  });
  const numbers = Object.fromEntries(
    Object.entries(kept).map(([name, value]) => [name, value.dataSync()[0]]),
  );
  return { ...numbers, gradient: gradients[0]!.dataSync()[0] } as Record<string, number>;
}

Deno.test("tradesLoss has the gradient of both predictions: that of the clean one is no constant", () => {
  const { task: natural, divergence, total, gradient } = tradesAt(0.5, 0.469, 6);
  assertClose([natural], [0.1269280], 1e-7);
  assertClose([divergence], [0.0008330], 1e-7);
  assertClose([total], [0.1319259], 2e-7);
  // With a constant p(x^c) the loss is the same and this is -.0980015.
  assertClose([gradient], [-0.0589439], 1e-6);
});

Deno.test("tradesLoss has the gradient of its finite differences", () => {
  const total = (slope: number) => {
    const z = [0.5 * slope, 0.469 * slope];
    const p = z.map((value) => 1 / (1 + Math.exp(-value)));
    const kl = p[0] * Math.log(p[0] / p[1]) + (1 - p[0]) * Math.log((1 - p[0]) / (1 - p[1]));
    return Math.log1p(Math.exp(-z[0])) + 6 * kl;
  };
  const expected = (total(4 + 1e-4) - total(4 - 1e-4)) / 2e-4;
  assertClose([tradesAt(0.5, 0.469, 6).gradient], [expected], 1e-6);
});

Deno.test("tradesLoss is the task's loss where the images are the same, and its gradient too", () => {
  const same = tradesAt(0.5, 0.5, 6);
  assert.equal(same.total, same.task);
  assertClose([same.gradient], [tradesAt(0.5, 0.469, 0).gradient], 1e-7);
});

Deno.test("tradesLoss counts the rows of all workers alike, however many each has", () => {
  const ofRows = {
    ...task,
    taskLoss(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar {
      const counts = tf.cast(tf.greaterEqual(labels, 0), "float32");
      const each = crossEntropy(logits, tf.maximum(labels, tf.scalar(0, "int32")) as tf.Tensor1D);
      return tf.div(tf.sum(tf.mul(each, counts)), tf.sum(counts));
    },
  };
  const forward = (images: Images) => tf.reshape(images, [-1, 2]) as tf.Tensor2D;
  const images = tf.tensor4d([2, 0, 9, 0, -1, 0, 3, 0], [4, 1, 1, 2]);
  const labels = tf.tensor1d([0, -1, 0, 1], "int32");
  const lossOf = (clean: Images, labels: tf.Tensor1D) =>
    tradesLoss(ofRows, forward, { clean, adversarial: clean, labels }, 0).task.dataSync();
  // The second of two workers gives its rows in their places.
  const rows = (tensor: tf.Tensor) => tensor.dtype === "int32" ? labels : forward(images);
  const others = (tensor: tf.Tensor) => {
    const placed = tf.reshape(rows(tensor), tensor.shape);
    return tf.mul(placed, tf.cast(tf.reshape(tf.tensor1d([0, 1]), [1, 2, 1, 1]), tensor.dtype));
  };
  const part = asWorker(
    0,
    2,
    () => lossOf(tf.slice(images, 0, 2), tf.slice(labels, 0, 2)),
    others,
  );
  assertClose(part, lossOf(images, labels));
});
