/**
 * Counts what an operation multiplies and adds.
 *
 * @module
 */

const product = (sizes: readonly number[]): number =>
  sizes.reduce((result, size) => result * size, 1);

/**
 * Multiplications and additions of a convolution, one of its gradients, or a matrix product; 0 for
 * everything else, which hardly counts beside them.
 *
 * @param name TensorFlow's name of the operation
 * @param inputs The shapes of its inputs
 * @param output The shape of its first result
 *
 * @example Usage
 * ```ts
 * import { flopsOf } from "./flops.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(flopsOf("MatMul", [[2, 3], [3, 4]], [2, 4]), 2 * 2 * 3 * 4);
 * assert.equal(flopsOf("Conv2D", [[1, 8, 8, 3], [3, 3, 3, 16]], [1, 8, 8, 16]), 2 * 64 * 16 * 27);
 * ```
 */
export function flopsOf(
  name: string,
  inputs: readonly (readonly number[])[],
  output: readonly number[],
): number {
  switch (name) {
    case "Conv2D":
      return 2 * product(output) * product(inputs[1].slice(0, 3));
    case "Conv2DBackpropInput":
      return 2 * product(inputs[2]) * product(inputs[1].slice(0, 3));
    case "Conv2DBackpropFilter":
      return 2 * product(inputs[2]) * product(output.slice(0, 3));
    case "MatMul":
    case "BatchMatMul":
    case "BatchMatMulV2":
      // Every row of the product takes a row of the first matrix, transposed or not.
      return 2 * product(output) * (product(inputs[0]) / product(output.slice(0, -1)));
    default:
      return 0;
  }
}
