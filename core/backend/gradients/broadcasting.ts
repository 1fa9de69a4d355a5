/**
 * Gradients of operations that stretch an operand to the shape of the other.
 *
 * @module
 */
import * as tf from "../../tf.ts";

/** Sums a gradient over the axes along which an operand of this shape was stretched. */
export function sumToShape(gradient: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, gradient.shape);
  const summed = axes.length > 0 ? tf.sum(gradient, axes) : gradient;
  return tf.util.arraysEqual(summed.shape, shape) ? summed : tf.reshape(summed, shape);
}

/**
 * Gradient of the larger or smaller of two tensors: all to the operand that was taken, to the first
 * where they are equal. Stock tfjs forgets to sum over stretched axes.
 *
 * @param firstIsTaken `tf.greaterEqual` for the maximum, `tf.lessEqual` for the minimum
 */
export function extremumGradient(
  firstIsTaken: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
): tf.GradFunc {
  return (dy, [a, b]) => {
    const first = () => tf.cast(firstIsTaken(a, b), "float32");
    return {
      a: () => sumToShape(tf.mul(dy as tf.Tensor, first()), a.shape),
      b: () => sumToShape(tf.mul(dy as tf.Tensor, tf.sub(1, first())), b.shape),
    };
  };
}

/** Gradient of (a - b)². Stock tfjs forgets to sum over stretched axes. */
export const squaredDifferenceGradient: tf.GradFunc = (dy, [a, b]) => {
  const twice = (from: tf.Tensor, to: tf.Tensor) =>
    tf.mul(dy as tf.Tensor, tf.mul(2, tf.sub(to, from)));
  return {
    a: () => sumToShape(twice(b, a), a.shape),
    b: () => sumToShape(twice(a, b), b.shape),
  };
};

/** The gradient of a matrix product as it is, summed over batch axes that were stretched. */
export function batchedMatMulGradient(stock: tf.GradFunc): tf.GradFunc {
  return (dy, saved, attributes) => {
    const gradients = stock(dy, saved, attributes);
    const [a, b] = saved;
    return {
      a: () => sumToShape(gradients.a(), a.shape),
      b: () => sumToShape(gradients.b(), b.shape),
    };
  };
}

/** Comparisons are flat wherever they have a gradient at all; stock tfjs has none for most of them. */
export const comparisonGradient: tf.GradFunc = (_, [a, b]) => ({
  a: () => tf.zerosLike(a),
  b: () => tf.zerosLike(b),
});
