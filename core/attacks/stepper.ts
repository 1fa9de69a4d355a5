/**
 * How an attack moves from one iterate to the next: with a fixed step, or with its own state
 * (momentum, a step size for each example).
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import * as tf from "../tf.ts";
import type { Norm } from "./ball.ts";

/** Inputs of a step. */
export interface Moment<S extends tf.TensorContainerObject, Bounds extends tf.TensorContainerObject>
  extends tf.TensorContainerObject {
  /** The iterate of gain and gradient. */
  readonly images: Images;
  readonly state: S;
  readonly ball: Bounds;
  /** `[B]` */
  readonly gain: tf.Tensor1D;
  readonly gradient: Images;
  /** t / n, from 0 in the first of n steps. */
  readonly progress: tf.Scalar;
}

/** Moves iterates, with a `state` between steps; all of it is pure and recordable. */
export interface Stepper<S extends tf.TensorContainerObject> {
  /** The state before the first step. */
  begin(images: Images): S;
  /** The next iterate, within the ball, and the next state. */
  step<Bounds extends tf.TensorContainerObject>(
    moment: Moment<S, Bounds>,
    norm: Norm<Bounds>,
  ): { images: Images; state: S };
}

/** Steps of constant size along the norm's direction of steepest ascent. */
export function steepest(stepSize: number): Stepper<Record<string, never>> {
  return {
    begin: () => ({}),
    step: ({ images, ball, gradient }, norm) => ({
      images: norm.project(
        tf.add(images, tf.mul(stepSize, norm.direction(gradient))) as Images,
        ball,
      ),
      state: {},
    }),
  };
}

/** Keeps the division by a gradient's length finite, without shrinking one that is merely small. */
const SMALLEST_LENGTH = 1e-30;

/** Gathered gradients. */
interface Velocity extends tf.TensorContainerObject {
  readonly velocity: Images;
}

/**
 * Steps of constant size along gathered gradients, g <- decay g + grad / ||grad||_1 (Dong et al. 2018),
 * each of which counts alike, however long it is.
 */
export function momentum(stepSize: number, decay: number): Stepper<Velocity> {
  const { step: move } = steepest(stepSize);
  return {
    begin: (images) => ({ velocity: tf.zerosLike(images) }),
    step({ state, gradient, ...moment }, norm) {
      const length = tf.sum(tf.abs(gradient), [1, 2, 3], true);
      const unit = tf.div(gradient, tf.maximum(length, SMALLEST_LENGTH));
      const velocity = tf.add(tf.mul(decay, state.velocity), unit) as Images;
      const { images } = move({ ...moment, gradient: velocity, state: {} }, norm);
      return { images, state: { velocity } };
    },
  };
}
