/**
 * Reflection padding from slices: TensorFlow's MirrorPad and its gradient take several times as long.
 *
 * @module
 */
import * as tf from "./tf.ts";

/**
 * Pads rows and columns by their mirror image, the edge itself left out, as PyTorch's ReflectionPad2d;
 * differentiable.
 *
 * @param input `[B, H, W, C]`
 * @param size Pixels on every side
 * @returns `[B, H + 2 size, W + 2 size, C]`
 * @throws {RangeError} If H or W is not above `size`
 *
 * @example Usage
 * ```ts
 * import { reflectPad } from "@realign/core/layers";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const rows = reflectPad(tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]), 1);
 * assert.deepEqual([...rows.dataSync()].slice(0, 10), [5, 4, 5, 6, 5, 2, 1, 2, 3, 2]);
 * ```
 */
export function reflectPad(input: tf.Tensor4D, size: number): tf.Tensor4D {
  const [, height, width] = input.shape;
  if (Math.min(height, width) <= size) {
    throw new RangeError(
      `Cannot reflect ${size} pixels as the picture must have more rows and columns: current size is ${height}x${width}`,
    );
  }
  return [1, 2].reduce((value, axis) => reflectAxis(value, size, axis), input);
}

function reflectAxis(input: tf.Tensor4D, size: number, axis: number): tf.Tensor4D {
  const length = input.shape[axis];
  // On a short axis an entry is mirrored on both sides: too rare to be quick about.
  if (length < 2 * size + 2) {
    const none: [number, number] = [0, 0];
    const paddings = input.shape.map((_, k) =>
      k === axis ? [size, size] as [number, number] : none
    );
    return tf.mirrorPad(input, paddings, "reflect") as tf.Tensor4D;
  }
  const between = length - 2 - 2 * size;
  const pad = tf.customGrad((value) => {
    const part = (start: number) => flip(cut(value as tf.Tensor, axis, start, size), axis);
    return {
      value: tf.concat([part(1), value as tf.Tensor, part(length - 1 - size)], axis),
      gradFunc: (gradient: tf.Tensor) => {
        const sizes = [size, 1, size, between, size, 1, size];
        let start = 0;
        const [before, first, near, middle, far, last, after] = sizes.map((count) => {
          start += count;
          return cut(gradient, axis, start - count, count);
        });
        const parts = [
          first,
          tf.add(near, flip(before, axis)),
          ...(between > 0 ? [middle] : []),
          tf.add(far, flip(after, axis)),
          last,
        ];
        return tf.concat(parts, axis);
      },
    };
  });
  return pad(input) as tf.Tensor4D;
}

function cut(tensor: tf.Tensor, axis: number, start: number, count: number): tf.Tensor {
  return tf.slice(
    tensor,
    tensor.shape.map((_, k) => k === axis ? start : 0),
    tensor.shape.map((whole, k) => k === axis ? count : whole),
  );
}

function flip(tensor: tf.Tensor, axis: number): tf.Tensor {
  return tensor.shape[axis] === 1 ? tensor : tf.reverse(tensor, axis);
}
