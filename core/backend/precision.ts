/**
 * Half precision: which of a recorded step's operations it is for, and how one is kept out of it.
 *
 * @module
 */
import * as tf from "../tf.ts";

/**
 * What a recorded step multiplies in: "float32", or "bfloat16" for convolutions, matrix products and their gradients.
 * Weights, norms, losses and optimizers are float32 in both. Only the tensorflow backend has "bfloat16".
 */
export type Precision = "float32" | "bfloat16";

/** Told to a matrix product's gradient by its attributes. */
const EXACT = "isExact";

let depth = 0;

/** Whether what is being written down stays float32. */
export function isExact(): boolean {
  return depth > 0;
}

function exactly<T>(compute: () => T): T {
  depth++;
  try {
    return compute();
  } finally {
    depth--;
  }
}

/**
 * A matrix product that is float32 in a step of any precision, and so are its gradients: for sums that losses are
 * made of, positions, and whatever else is no layer of a network.
 *
 * @param a `[..., M, N]`
 * @param b `[..., N, P]`
 * @param transposeA Whether `a` is `[..., N, M]`. @default {false}
 * @param transposeB Whether `b` is `[..., P, N]`. @default {false}
 * @returns `[..., M, P]`
 *
 * @example Usage
 * ```ts
 * import { exactMatMul } from "@realign/core/backend";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const product = exactMatMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]]));
 * assert.deepEqual(product.arraySync(), [[11]]);
 * ```
 */
export function exactMatMul<T extends tf.Tensor>(
  a: tf.Tensor,
  b: tf.Tensor,
  transposeA = false,
  transposeB = false,
): T {
  const attributes = { transposeA, transposeB, [EXACT]: true };
  return exactly(() => tf.engine().runKernel(tf.BatchMatMul, { a, b }, attributes) as T);
}

/** The gradient of a matrix product, in float32 where the product is. */
export function asExactAsProduct(gradient: tf.GradFunc): tf.GradFunc {
  return (dy, saved, attributes) => {
    const gradients = gradient(dy, saved, attributes);
    if (!attributes[EXACT]) return gradients;
    return Object.fromEntries(
      Object.entries(gradients).map(([name, compute]) => [name, () => exactly(compute)]),
    );
  };
}
