/**
 * Clean and adversarial images go through a network as one batch, clean first; losses take it apart.
 *
 * @module
 */
import * as tf from "../tf.ts";

/** 0 is what comes of clean images, 1 what comes of adversarial ones. */
export type Half = 0 | 1;

/**
 * One half of a batch of clean and adversarial examples; differentiable.
 *
 * @param value A tensor `[2B, ...]`, or arrays and objects of such
 * @param index 0 for the clean half, 1 for the adversarial one
 * @returns The same with `[B, ...]`
 * @throws {TypeError} If a tensor has no first axis of even size
 *
 * @example Usage
 * ```ts
 * import { half } from "@realign/core/losses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const output = { logits: tf.tensor2d([[1, 2], [3, 4]]) };
 * assert.deepEqual([...half(output, 1).logits.dataSync()], [3, 4]);
 * ```
 */
export function half<T extends tf.TensorContainer>(value: T, index: Half): T {
  return takeHalf(value, index) as T;
}

function takeHalf(value: tf.TensorContainer, index: Half): tf.TensorContainer {
  if (value instanceof tf.Tensor) return sliceHalf(value, index);
  if (Array.isArray(value)) return value.map((part) => takeHalf(part, index));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, takeHalf(part, index)]),
  );
}

function sliceHalf(tensor: tf.Tensor, index: Half): tf.Tensor {
  const [rows, ...rest] = tensor.shape;
  if (rows === undefined || rows % 2 !== 0) {
    throw new TypeError(
      `Cannot take half of a batch as its first axis must be even: current shape is [${
        tensor.shape.join(", ")
      }]`,
    );
  }
  const begin = [index * rows / 2, ...rest.map(() => 0)];
  return tf.slice(tensor, begin, [rows / 2, ...rest]);
}
