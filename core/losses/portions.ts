/**
 * Clean and adversarial images go through a network as one batch, clean first; losses split it.
 *
 * @module
 */
import * as tf from "../tf.ts";

/** 0 for clean, 1 for adversarial images. */
export type Half = 0 | 1;

/**
 * One half of a batch of clean and adversarial examples; differentiable.
 *
 * @param value A tensor `[2B, ...]`, or arrays and objects of them
 * @param index 0 for the clean half, 1 for the adversarial one
 * @returns The same with `[B, ...]`
 * @throws {TypeError} If a tensor has no first axis of even size
 *
 * @example Usage
 * ```ts
 * import { half } from "./portions.ts";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const output = { logits: tf.tensor2d([[1, 2], [3, 4]]) };
 * assert.deepEqual([...half(output, 1).logits.dataSync()], [3, 4]);
 * ```
 */
export function half<T extends tf.TensorContainer>(value: T, index: Half): T {
  return portion(value, index, 2);
}

/**
 * One of several equal portions of a batch, in order; differentiable.
 *
 * @param value A tensor whose first axis is that of the examples, or arrays and objects of them
 * @param index Which portion, from 0
 * @param count How many portions
 * @returns The same with 1 / `count` of the examples
 * @throws {TypeError} If a tensor's first axis cannot be divided by `count`
 *
 * @example Usage
 * ```ts
 * import { portion } from "./portions.ts";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * assert.deepEqual([...portion(tf.tensor1d([1, 2, 3]), 2, 3).dataSync()], [3]);
 * ```
 */
export function portion<T extends tf.TensorContainer>(value: T, index: number, count: number): T {
  return takePortion(value, index, count) as T;
}

function takePortion(
  value: tf.TensorContainer,
  index: number,
  count: number,
): tf.TensorContainer {
  if (value instanceof tf.Tensor) return slicePortion(value, index, count);
  if (Array.isArray(value)) return value.map((part) => takePortion(part, index, count));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, takePortion(part, index, count)]),
  );
}

function slicePortion(tensor: tf.Tensor, index: number, count: number): tf.Tensor {
  const [rows, ...rest] = tensor.shape;
  if (rows === undefined || rows % count !== 0) {
    throw new TypeError(
      `Cannot take ${
        count === 2 ? "half" : `one of ${count} portions`
      } of a batch as its first axis must be ${
        count === 2 ? "even" : `a multiple of ${count}`
      }: current shape is [${tensor.shape.join(", ")}]`,
    );
  }
  const begin = [index * rows / count, ...rest.map(() => 0)];
  return tf.slice(tensor, begin, [rows / count, ...rest]);
}
