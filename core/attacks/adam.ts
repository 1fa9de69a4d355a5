/**
 * Adam's steps, for attacks that descend over other numbers than pixels.
 *
 * @module
 */
import * as tf from "../tf.ts";

/** Adam's constants. */
const BETA1 = 0.9, BETA2 = 0.999, DIVISION_GUARD = 1e-8;

/** Running means of the gradient and of its square. */
export interface Moments extends tf.TensorContainerObject {
  readonly mean: tf.Tensor4D;
  readonly square: tf.Tensor4D;
}

/** What a step depends on besides: how much the means of so few steps fall short. */
export interface Corrections extends tf.TensorContainerObject {
  /** 1 - beta1^t */
  readonly mean: tf.Scalar;
  /** 1 - beta2^t */
  readonly square: tf.Scalar;
}

/** Before the first step, for gradients of the shape of `like`; the caller owns them. */
export const noMoments = (like: tf.Tensor4D): Moments => ({
  mean: tf.zerosLike(like),
  square: tf.zerosLike(like),
});

/** Of the step with this number, from 0; the caller owns them. */
export const correctionsAt = (step: number): Corrections => ({
  mean: tf.scalar(1 - BETA1 ** (step + 1)),
  square: tf.scalar(1 - BETA2 ** (step + 1)),
});

/**
 * One step of Adam; pure.
 *
 * @param gradient `[B, H, W, C]`
 * @param moments Of the steps before
 * @param corrections Of this step
 * @param learningRate Its length where gradients do not change
 * @returns What to subtract, and the new moments
 */
export function adamStep(
  gradient: tf.Tensor4D,
  moments: Moments,
  corrections: Corrections,
  learningRate: number,
): { readonly step: tf.Tensor4D; readonly moments: Moments } {
  const mean = tf.add(
    tf.mul(moments.mean, BETA1),
    tf.mul(gradient, 1 - BETA1),
  ) as tf.Tensor4D;
  const square = tf.add(
    tf.mul(moments.square, BETA2),
    tf.mul(tf.square(gradient), 1 - BETA2),
  ) as tf.Tensor4D;
  const scale = tf.add(tf.sqrt(tf.div(square, corrections.square)), DIVISION_GUARD);
  const step = tf.mul(
    tf.div(tf.div(mean, corrections.mean), scale),
    learningRate,
  ) as tf.Tensor4D;
  return { step, moments: { mean, square } };
}
