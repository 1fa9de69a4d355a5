/**
 * Matrix products: transposed, in batches, stretched; rows picked and summed.
 *
 * @module
 */
import * as tf from "../../tf.ts";
import { type ConformanceCase, item } from "./case.ts";

const transposed: ConformanceCase[] = [[false, false], [false, true], [true, false], [true, true]]
  .flatMap(([left, right]) => {
    const shapes = (...batch: number[]) => [
      [...batch, ...(left ? [33, 17] : [17, 33])],
      [...batch, ...(right ? [21, 33] : [33, 21])],
    ];
    const name = `${left ? "transposed" : "plain"} by ${right ? "transposed" : "plain"}`;
    return [
      item(`matMul ${name}`, shapes(), (a, b) => tf.matMul(a, b, left, right)),
      item(`matMul ${name}, 3 pairs`, shapes(3), (a, b) => tf.matMul(a, b, left, right)),
    ];
  });

const classes = () => tf.tensor1d([1, 0, 3, 3, -1, 1], "int32");

/** All matrix products of the table. */
export const matrixCases: readonly ConformanceCase[] = [
  ...transposed,
  item("matMul by definition", [[2, 3], [3, 2]], (a, b) => tf.matMul(a, b), {
    expected: (a, b) =>
      [0, 1].flatMap((row) =>
        [0, 1].map((column) =>
          [0, 1, 2].reduce((sum, k) => sum + a[3 * row + k] * b[2 * k + column], 0)
        )
      ),
  }),
  item("matMul of a batch with one", [[3, 17, 32], [1, 32, 16]], (a, b) => tf.matMul(a, b)),
  item("matMul of one with a batch", [[1, 17, 32], [3, 32, 16]], (a, b) => tf.matMul(a, b)),
  item("matMul of a batch with a matrix", [[3, 17, 32], [32, 16]], (a, b) => tf.matMul(a, b)),
  item(
    "matMul of a matrix with a batch, transposed",
    [[32, 17], [3, 16, 32]],
    (a, b) => tf.matMul(a, b, true, true),
  ),
  item("matMul of many small pairs", [[40, 3, 4], [40, 4, 2]], (a, b) => tf.matMul(a, b)),
  item("matMul of long rows", [[8, 2048], [2048, 8]], (a, b) => tf.matMul(a, b)),
  item("Gram matrix", [[1, 8, 8, 6]], (x) => {
    const rows = tf.reshape(x, [64, 6]);
    return tf.div(tf.matMul(rows, rows, true, false), 64);
  }),
  item("class centres by one-hot matMul", [[6, 5]], (vectors) => {
    const members = tf.cast(tf.oneHot(classes(), 4), "float32");
    return tf.div(
      tf.matMul(members, vectors, true),
      tf.maximum(tf.expandDims(tf.sum(members, 0), 1), 1),
    );
  }),
  item("oneHot of classes and of -1", [[1]], () => tf.cast(tf.oneHot(classes(), 4), "float32"), {
    differentiable: false,
    expected: () =>
      [1, 0, 3, 3, -1, 1].flatMap((label) =>
        [0, 1, 2, 3].map((column) => Number(label === column))
      ),
  }),
  item("dot product", [[9], [9]], (a, b) => tf.dot(a, b)),
  item("gather of rows", [[9, 5]], (x) => tf.gather(x, tf.tensor1d([1, 3, 3, 8, 0, 1], "int32"))),
  item(
    "gather of rows by a matrix",
    [[9, 5]],
    (x) => tf.gather(x, tf.tensor2d([[1, 3, 3], [8, 0, 1]], [2, 3], "int32")),
  ),
  item(
    "gather of columns",
    [[4, 9, 3]],
    (x) => tf.gather(x, tf.tensor1d([1, 3, 3, 8], "int32"), 1),
  ),
];
