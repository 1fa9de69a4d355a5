/**
 * Operations on each number by itself, and on pairs of stretched tensors.
 *
 * @module
 */
import * as tf from "../../tf.ts";
import { type AnyRank, type ConformanceCase, item } from "./case.ts";

const wide = { low: -3, high: 3 };
const positive = { low: 0.2, high: 3 };

/** A function of one number, by the name it has in tfjs, as JavaScript computes it. */
function pointwise(
  compute: (x: AnyRank) => tf.Tensor,
  expected: (x: number) => number,
  range: { low: number; high: number },
) {
  const name = compute.name.replace(/_.*$/, "");
  return item(`${name} each number`, [[4, 9]], (x) => compute(x), {
    ...range,
    expected: (x) => x.map(expected),
  });
}

const stretched = [tf.add, tf.sub, tf.mul, tf.maximum, tf.minimum, tf.squaredDifference].flatMap(
  (combine) => {
    const name = combine.name.replace(/_.*$/, "");
    return [
      item(`${name} stretched`, [[4, 9, 3], [9, 1]], (a, b) => combine(a, b)),
      item(`${name} stretched on the left`, [[3], [4, 2, 3]], (a, b) => combine(a, b)),
    ];
  },
);

/** All operations on numbers and pairs of the table. */
export const pointwiseCases: readonly ConformanceCase[] = [
  pointwise(tf.relu, (x) => Math.max(0, x), wide),
  pointwise(tf.relu6, (x) => Math.min(6, Math.max(0, x)), wide),
  pointwise(tf.elu, (x) => x > 0 ? x : Math.expm1(x), wide),
  pointwise(tf.sigmoid, (x) => 1 / (1 + Math.exp(-x)), wide),
  pointwise(tf.tanh, Math.tanh, wide),
  pointwise(tf.atanh, Math.atanh, { low: -0.9, high: 0.9 }),
  pointwise(tf.softplus, (x) => Math.log1p(Math.exp(x)), wide),
  pointwise(tf.exp, Math.exp, wide),
  pointwise(tf.square, (x) => x * x, wide),
  pointwise(tf.abs, Math.abs, wide),
  pointwise(tf.neg, (x) => -x, wide),
  pointwise(tf.sin, Math.sin, wide),
  pointwise(tf.cos, Math.cos, wide),
  pointwise(tf.sign, Math.sign, wide),
  pointwise(tf.floor, Math.floor, wide),
  pointwise(tf.round, Math.round, wide),
  pointwise(tf.log, Math.log, positive),
  pointwise(tf.sqrt, Math.sqrt, positive),
  pointwise(tf.rsqrt, (x) => 1 / Math.sqrt(x), positive),
  pointwise(tf.log1p, Math.log1p, positive),
  pointwise(tf.reciprocal, (x) => 1 / x, positive),
  item("erf each number", [[4, 9]], (x) => tf.erf(x), wide),
  item("leakyRelu", [[4, 9]], (x) => tf.leakyRelu(x, 0.2), {
    expected: (x) => x.map((value) => value > 0 ? value : 0.2 * value),
  }),
  item("prelu", [[4, 9], [9]], (x, slope) => tf.prelu(x, slope)),
  item("clipByValue", [[4, 9]], (x) => tf.clipByValue(x, -0.5, 0.5), {
    expected: (x) => x.map((value) => Math.min(0.5, Math.max(-0.5, value))),
  }),
  item("pow", [[4, 9]], (x) => tf.pow(x, 2.5), {
    ...positive,
    expected: (x) => x.map((value) => value ** 2.5),
  }),
  item("div stretched", [[4, 9], [4, 1]], (a, b) => tf.div(a, b), positive),
  ...stretched,
  item(
    "where",
    [[4, 9], [4, 9]],
    (a, b) => tf.where(tf.greater(tf.range(0, 36).reshape([4, 9]), 12), a, b),
  ),
  item("mask by greater", [[4, 9]], (x) => tf.mul(x, tf.cast(tf.greater(x, 0.1), "float32"))),
  item("mask by lessEqual", [[4, 9]], (x) => tf.mul(x, tf.cast(tf.lessEqual(x, 0.1), "float32"))),
  item("mod", [[4, 9]], (x) => tf.mod(x, 0.7), { differentiable: false }),
];
