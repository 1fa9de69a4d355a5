/**
 * Sums, means, extrema, and what is built on them: softmax, losses, ranks.
 *
 * @module
 */
import * as tf from "../../tf.ts";
import { type ConformanceCase, item } from "./case.ts";

const labels = () => tf.tensor1d([1, 2, 3, 4, 5, 9], "int32");
const oneHotLabels = () => tf.cast(tf.oneHot(labels(), 10), "float32");

/** Softmax of rows of ten. */
function softmaxOfRows(logits: Float32Array): Float32Array {
  return logits.map((value, index) => {
    const row = logits.subarray(index - index % 10, index - index % 10 + 10);
    return Math.exp(value) / row.reduce((sum, other) => sum + Math.exp(other), 0);
  });
}

/** All reductions of the table. */
export const reductionCases: readonly ConformanceCase[] = [
  item("sum of all", [[4, 9, 3]], (x) => tf.sum(x), {
    expected: (x) => [x.reduce((sum, value) => sum + value)],
    low: 0,
  }),
  item("sum of outer axes", [[4, 9, 3]], (x) => tf.sum(x, [0, 2])),
  item("mean of inner axes", [[4, 9, 3]], (x) => tf.mean(x, [1, 2])),
  item("mean of rows and columns, kept", [[2, 6, 7, 3]], (x) => tf.mean(x, [1, 2], true)),
  item("max of an axis", [[4, 9, 3]], (x) => tf.max(x, 1)),
  item("min of an axis", [[4, 9, 3]], (x) => tf.min(x, 2)),
  item("max of negative values", [[4, 9, 3]], (x) => tf.max(x, [1, 2]), { low: -2, high: -1 }),
  item("Euclidean norm of rows", [[4, 9]], (x) => tf.sqrt(tf.sum(tf.square(x), 1))),
  item("total variation", [[1, 8, 8, 3]], (x) => {
    const [below, above] = [
      tf.slice(x, [0, 1, 0, 0], [1, 7, 8, 3]),
      tf.slice(x, [0, 0, 0, 0], [1, 7, 8, 3]),
    ];
    return tf.sum(tf.abs(tf.sub(below, above)));
  }),
  item(
    "mean absolute error",
    [[2, 4, 4, 3], [2, 4, 4, 3]],
    (a, b) => tf.mean(tf.abs(tf.sub(a, b))),
  ),
  item("moments: mean", [[2, 6, 7, 3]], (x) => tf.moments(x, [0, 1, 2]).mean),
  item("moments: variance", [[2, 6, 7, 3]], (x) => tf.moments(x, [0, 1, 2]).variance),
  item("logSumExp", [[4, 9, 3]], (x) => tf.logSumExp(x, 1)),
  item("softmax", [[6, 10]], (x) => tf.softmax(x), { expected: softmaxOfRows, high: 3 }),
  item("logSoftmax", [[6, 10]], (x) => tf.logSoftmax(x), {
    expected: (x) => softmaxOfRows(x).map(Math.log),
    high: 3,
  }),
  item("logSoftmax of large logits", [[6, 10]], (x) => tf.logSoftmax(x), { low: 90, high: 110 }),
  item("softmax cross-entropy", [[6, 10]], (x) => tf.losses.softmaxCrossEntropy(oneHotLabels(), x)),
  item("sigmoid cross-entropy", [[6, 10]], (x) => tf.losses.sigmoidCrossEntropy(oneHotLabels(), x)),
  item(
    "cross-entropy a row",
    [[6, 10]],
    (x) => tf.neg(tf.sum(tf.mul(oneHotLabels(), tf.logSoftmax(x)), 1)),
  ),
  item("best wrong logit", [[6, 10]], (x) => tf.max(tf.sub(x, tf.mul(oneHotLabels(), 1e3)), 1)),
  item("argMax", [[4, 9]], (x) => tf.argMax(x, 1), { differentiable: false }),
  item("argMin", [[4, 9]], (x) => tf.argMin(x, 0), { differentiable: false }),
  item("topk values", [[4, 9]], (x) => tf.topk(x, 3).values, {
    differentiable: false,
    expected: (x) =>
      [0, 1, 2, 3].flatMap((row) =>
        Array.from(x.subarray(9 * row, 9 * row + 9)).sort((a, b) => b - a).slice(0, 3)
      ),
  }),
  item("topk indices", [[4, 9]], (x) => tf.topk(x, 3).indices, { differentiable: false }),
  item(
    "accuracy",
    [[6, 10]],
    (x) => tf.mean(tf.cast(tf.equal(tf.argMax(x, 1), labels()), "float32")),
    { differentiable: false },
  ),
  item("cumsum", [[4, 9]], (x) => tf.cumsum(x, 1)),
];
