/**
 * Matrix products.
 *
 * @module
 */
import * as tf from "@realign/core/tf";
import { Value } from "../value.ts";
import type { Call, OperatorTable } from "./operator.ts";

function gemm(call: Call): Value {
  const { attributes } = call;
  const [isFirstTurned, isSecondTurned] = ["transA", "transB"].map((name) =>
    attributes.int(name, 0) === 1
  );
  const product = tf.matMul(
    call.input(0).plain,
    call.input(1).plain,
    isFirstTurned,
    isSecondTurned,
  );
  const [alpha, beta] = ["alpha", "beta"].map((name) => attributes.float(name, 1));
  const scaled = alpha === 1 ? product : tf.mul(product, alpha);
  const shift = call.optional(2);
  if (!shift) return Value.plain(scaled);
  return Value.plain(tf.add(scaled, beta === 1 ? shift.plain : tf.mul(shift.plain, beta)));
}

function matMul(call: Call): Value {
  const [a, b] = [call.input(0).plain, call.input(1).plain];
  if (a.rank > 2 && b.rank === 2) { // One product of all rows: batched kernels are slower.
    const rows = tf.matMul(tf.reshape(a, [-1, a.shape[a.rank - 1]]), b as tf.Tensor2D);
    return Value.plain(tf.reshape(rows, [...a.shape.slice(0, -1), b.shape[1]!]));
  }
  if (a.rank > 1 && b.rank > 1) return Value.plain(tf.matMul(a, b));
  // Vectors stand as a row on the left and a column on the right, which goes again.
  const [left, right] = [
    a.rank === 1 ? tf.expandDims(a, 0) : a,
    b.rank === 1 ? tf.expandDims(b, 1) : b,
  ];
  const product = tf.matMul(left, right);
  const shape = product.shape.filter((_, axis) =>
    !(a.rank === 1 && axis === product.rank - 2) && !(b.rank === 1 && axis === product.rank - 1)
  );
  return Value.plain(tf.reshape(product, shape));
}

/** Matrix operators. */
export const matrixOperators: OperatorTable = { Gemm: { run: gemm }, MatMul: { run: matMul } };
