/**
 * Matrix products on the fast path of the wasm backend.
 *
 * @module
 */
import * as tf from "../../../tf.ts";
import { registerComposed, stockKernel } from "./register.ts";

interface MatMulInputs {
  readonly a: tf.Tensor;
  readonly b: tf.Tensor;
}

interface MatMulAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Products with fewer multiplications than this are not worth a call of their own. */
const smallProduct = 16 ** 3;

/**
 * Replaces the matrix product. The stock kernel is fast for one pair of matrices that are not
 * transposed, and some thirty times slower otherwise; so matrices are transposed first, and a batch is
 * multiplied pair by pair, or at once where all share one side.
 */
export function registerMatMul(): void {
  const stock = stockKernel(tf.BatchMatMul);
  const multiply = (a: tf.Tensor, b: tf.Tensor) =>
    stock({ a, b }, { transposeA: false, transposeB: false });

  registerComposed(
    tf.BatchMatMul,
    (inputs: MatMulInputs, { transposeA, transposeB }: MatMulAttributes) => {
      const a = transposeA ? transposeLast(inputs.a) : inputs.a;
      const b = transposeB ? transposeLast(inputs.b) : inputs.b;
      const [[rows, inner], [, columns]] = [a.shape.slice(-2), b.shape.slice(-2)];
      const [batchA, batchB] = [a.size / (rows * inner), b.size / (inner * columns)];
      if (batchA === 1 && batchB === 1) return multiply(a, b);
      const batchShape = tf.broadcast_util.assertAndGetBroadcastShape(
        a.shape.slice(0, -2),
        b.shape.slice(0, -2),
      );
      const shape = [...batchShape, rows, columns];
      if (batchB === 1) {
        const stacked = tf.reshape(a, [batchA * rows, inner]);
        return tf.reshape(multiply(stacked, tf.reshape(b, [inner, columns])), shape);
      }
      if (batchA === 1) {
        const turned = tf.reshape(transposeLast(b), [batchB * columns, inner]);
        const product = multiply(turned, tf.transpose(tf.reshape(a, [rows, inner])));
        return transposeLast(tf.reshape(product, [...batchShape, columns, rows]));
      }
      const batch = batchShape.reduce((product, size) => product * size, 1);
      if (
        batchA !== batch || batchB !== batch || rows * inner * columns < smallProduct
      ) return multiply(a, b);
      const [matricesA, matricesB] = [
        tf.reshape(a, [batchA, rows, inner]),
        tf.reshape(b, [batchB, inner, columns]),
      ];
      const products = Array.from(
        { length: batch },
        (_, index) => multiply(matrixAt(matricesA, index), matrixAt(matricesB, index)),
      );
      return tf.reshape(tf.concat(products, 0), shape);
    },
  );
}

/** `[1, M, N]` of `[n, M, N]`. */
function matrixAt(matrices: tf.Tensor, index: number): tf.Tensor {
  const [, rows, columns] = matrices.shape;
  return tf.slice(matrices, [index, 0, 0], [1, rows, columns]);
}

function transposeLast(tensor: tf.Tensor): tf.Tensor {
  const axes = tensor.shape.map((_, axis) => axis);
  return tf.transpose(tensor, [...axes.slice(0, -2), tensor.rank - 1, tensor.rank - 2]);
}
