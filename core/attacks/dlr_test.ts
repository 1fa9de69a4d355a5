import assert from "node:assert/strict";
import { assertClose, assertGradient, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { dlr, targetedDlr } from "./dlr.ts";

await useTestBackend();

const logits = tf.tensor2d([[4, 1, 0, -1], [0.5, 2, -1, 1.5], [-3, -1, -2, -7]]);
const labels = tf.tensor1d([0, 3, 2], "int32");
const targets = tf.tensor1d([3, 0, 1], "int32");

/** DLR written out by sorting. */
const sorted = (row: number[]) => row.toSorted((a, b) => b - a);

Deno.test("dlr is the margin over the spread from the first to the third logit", () => {
  const expected = logits.arraySync().map((row, index) => {
    const own = labels.dataSync()[index];
    const rival = Math.max(...row.filter((_, other) => other !== own));
    const [first, , third] = sorted(row);
    return -(row[own] - rival) / (first - third);
  });
  assert.equal(expected[0], -0.75);
  assertClose(dlr(logits, labels), expected);
});

Deno.test("targetedDlr compares with the target, over the spread to the third and fourth", () => {
  const expected = logits.arraySync().map((row, index) => {
    const [own, target] = [labels.dataSync()[index], targets.dataSync()[index]];
    const [first, , third, fourth] = sorted(row);
    return -(row[own] - row[target]) / (first - (third + fourth) / 2);
  });
  assertClose(targetedDlr(logits, labels, targets), expected);
  assertClose(targetedDlr(logits, labels, targets), [-5 / 4.5, -1 / 2.25, 1 / 4]);
});

Deno.test("dlr does not change with the scale of the logits, nor with what is added to all", () => {
  const other = tf.add(tf.mul(logits, 1000), 50) as tf.Tensor2D;
  assertClose(dlr(other, labels), dlr(logits, labels), 1e-5);
  assertClose(targetedDlr(other, labels, targets), targetedDlr(logits, labels, targets), 1e-5);
});

Deno.test("dlr and targetedDlr have the gradients of finite differences", () => {
  assertGradient((z) => tf.sum(dlr(z as tf.Tensor2D, labels)) as tf.Scalar, [logits]);
  assertGradient(
    (z) => tf.sum(targetedDlr(z as tf.Tensor2D, labels, targets)) as tf.Scalar,
    [logits],
  );
});

Deno.test("dlr counts the own class once where others have its logit", () => {
  const tied = tf.tensor2d([[2, 2, 1, 0], [2, 2, 2, 0], [1, 1, 1, 1]]);
  const zeros = tf.tensor1d([0, 0, 0], "int32");
  assertClose(dlr(tied, zeros), [0, 0, 0]);
  // (2 - 5) / (5 - 2) in the second row: one of the two equal logits is the rival, the other the third.
  const gradient = tf.grad((z) => dlr(z as tf.Tensor2D, tf.tensor1d([0, 0], "int32")));
  const slopes = gradient(tf.tensor2d([[2, 2, 1, 0], [5, 2, 2, 1]])).arraySync() as number[][];
  assertClose(slopes.flat(), [-1, 1, 0, 0, 0, 1 / 3, -1 / 3, 0]);
});

Deno.test("dlr needs 3 classes, targetedDlr 4", () => {
  const [two, three] = [[[1, 0]], [[1, 0, 2]]].map((rows) => tf.tensor2d(rows));
  const zero = tf.tensor1d([0], "int32");
  assert.throws(
    () => dlr(two, zero),
    /DLR as logits must have at least 3 classes: current value is 2/,
  );
  assert.throws(() => targetedDlr(three, zero, zero), /at least 4 classes: current value is 3/);
  assert.equal(dlr(three, zero).dataSync()[0], 0.5);
});
