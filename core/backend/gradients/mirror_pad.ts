/**
 * The gradient of mirror padding.
 *
 * @module
 */
import * as tf from "../../tf.ts";

/**
 * Folds the border of a padded tensor's gradient back onto the pixels it was mirrored from. Stock tfjs
 * cuts the border off, so that pixels near the edge get too small a gradient.
 *
 * One axis after another, since padding is separable: the inner part plus both borders, reversed and
 * put where they came from.
 *
 * @param dy Gradient of the padded tensor
 * @param paddings Entries before and after, for each axis
 * @param mode `reflect` leaves the edge itself out of the mirror image, `symmetric` does not
 * @returns Gradient of the tensor before padding
 */
export function mirrorPadGradient(
  dy: tf.Tensor,
  paddings: [number, number][],
  mode: "reflect" | "symmetric",
): tf.Tensor {
  const edge = mode === "reflect" ? 1 : 0;
  return paddings.reduce((gradient, [before, after], axis) => {
    if (before === 0 && after === 0) return gradient;
    const size = gradient.shape[axis] - before - after;
    const parts = [part(gradient, axis, before, size)];
    if (before > 0) {
      const border = mirrored(part(gradient, axis, 0, before), axis);
      parts.push(surround(border, axis, edge, size - before - edge));
    }
    if (after > 0) {
      const border = mirrored(part(gradient, axis, before + size, after), axis);
      parts.push(surround(border, axis, size - after - edge, edge));
    }
    return tf.addN(parts);
  }, dy);
}

function part(tensor: tf.Tensor, axis: number, start: number, size: number): tf.Tensor {
  const starts = tensor.shape.map((_, k) => k === axis ? start : 0);
  return tf.slice(tensor, starts, tensor.shape.map((whole, k) => k === axis ? size : whole));
}

function mirrored(tensor: tf.Tensor, axis: number): tf.Tensor {
  return tensor.shape[axis] === 1 ? tensor : tf.reverse(tensor, axis);
}

function surround(tensor: tf.Tensor, axis: number, before: number, after: number): tf.Tensor {
  if (before === 0 && after === 0) return tensor;
  return tf.pad(
    tensor,
    tensor.shape.map((_, k): [number, number] => k === axis ? [before, after] : [0, 0]),
  );
}
