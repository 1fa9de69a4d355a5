/**
 * Reflection padding as one look-up of rows: TensorFlow's MirrorPad and its gradient take several times as long.
 *
 * @module
 */
import * as tf from "../tf.ts";

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
      `Cannot reflect ${size} pixels as images must have more rows and columns: current size is ${height}x${width}`,
    );
  }
  // On a short axis a pixel is mirrored on both sides: too rare to be quick about.
  if (Math.min(height, width) < 2 * size + 2) {
    const both: [number, number] = [size, size];
    return tf.mirrorPad(input, [[0, 0], both, both, [0, 0]], "reflect");
  }
  const pad = tf.customGrad((images) => ({
    value: lookUp(images as tf.Tensor4D, size),
    gradFunc: (gradient: tf.Tensor) => foldAxis(foldAxis(gradient, size, 2), size, 1),
  }));
  return pad(input) as tf.Tensor4D;
}

/** Every pixel of the result is one of the input. */
function lookUp(input: tf.Tensor4D, size: number): tf.Tensor4D {
  const [batch, height, width, channels] = input.shape;
  const [rows, columns] = [mirrored(height, size), mirrored(width, size)];
  const places = rows.flatMap((row) => columns.map((column) => row * width + column));
  const pixels = tf.reshape(input, [batch, height * width, channels]);
  const found = tf.gather(pixels, tf.tensor1d(places, "int32"), 1);
  return tf.reshape(found, [batch, rows.length, columns.length, channels]);
}

/** Which of `length` entries stand along a padded axis. */
function mirrored(length: number, size: number): number[] {
  return Array.from({ length: length + 2 * size }, (_, place) => {
    const entry = Math.abs(place - size);
    return entry < length ? entry : 2 * (length - 1) - entry;
  });
}

/** Adds what was mirrored along an axis to what it was mirrored from. */
function foldAxis(gradient: tf.Tensor, size: number, axis: number): tf.Tensor {
  const between = gradient.shape[axis] - 4 * size - 2;
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
