/**
 * Pooling, also of windows without a positive value.
 *
 * @module
 */
import * as tf from "../../tf.ts";
import { type ConformanceCase, item } from "./case.ts";
import { pool } from "./closed_forms.ts";

const negative = { low: -2, high: -1 };

/** All pooling of the table. */
export const poolingCases: readonly ConformanceCase[] = [
  item("maxPool 2, stride 2, valid", [[2, 8, 8, 5]], (x) => tf.maxPool(x, 2, 2, "valid"), {
    expected: (x) =>
      pool(x, [2, 8, 8, 5], "max", { kernel: 2, stride: 2, top: 0, left: 0, height: 4, width: 4 }),
  }),
  item("maxPool 3, stride 2, same", [[2, 9, 9, 4]], (x) => tf.maxPool(x, 3, 2, "same"), {
    expected: (x) =>
      pool(x, [2, 9, 9, 4], "max", { kernel: 3, stride: 2, top: 1, left: 1, height: 5, width: 5 }),
  }),
  item("maxPool 3, stride 1, same", [[2, 7, 8, 4]], (x) => tf.maxPool(x, 3, 1, "same")),
  item(
    "maxPool 2 of negative values",
    [[2, 8, 8, 5]],
    (x) => tf.maxPool(x, 2, 2, "valid"),
    negative,
  ),
  item(
    "maxPool 3, stride 2, same, of negative values",
    [[2, 8, 8, 5]],
    (x) => tf.maxPool(x, 3, 2, "same"),
    negative,
  ),
  item("maxPool 2 of one channel and example", [[1, 4, 4, 1]], (x) => tf.maxPool(x, 2, 2, "valid")),
  item("avgPool 2, stride 2, valid", [[2, 8, 8, 5]], (x) => tf.avgPool(x, 2, 2, "valid"), {
    expected: (x) =>
      pool(x, [2, 8, 8, 5], "mean", { kernel: 2, stride: 2, top: 0, left: 0, height: 4, width: 4 }),
  }),
  item("avgPool 3, stride 1, same", [[2, 8, 8, 5]], (x) => tf.avgPool(x, 3, 1, "same"), {
    expected: (x) =>
      pool(x, [2, 8, 8, 5], "mean", { kernel: 3, stride: 1, top: 1, left: 1, height: 8, width: 8 }),
  }),
  item("avgPool 3, stride 2, same", [[2, 9, 8, 5]], (x) => tf.avgPool(x, 3, 2, "same")),
  item("avgPool of negative values", [[2, 8, 8, 5]], (x) => tf.avgPool(x, 2, 2, "valid"), negative),
];
