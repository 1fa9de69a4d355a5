/**
 * The state of APGD between steps, and how a step and a checkpoint change it. All of it is pure and recordable.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import * as tf from "../tf.ts";
import { type Norm, selectExamples } from "./ball.ts";

/** Share of a new step in a move; the rest is the move before (Croce and Hein 2020). */
const MOMENTUM_SHARE = 0.75;

/** What the victim says of iterates. */
export interface Evaluated extends tf.TensorContainerObject {
  /** `[B]`: decides which iterate is best, and when steps are halved. */
  readonly gain: tf.Tensor1D;
  /** `[B, H, W, C]` */
  readonly gradient: Images;
  /** `[B]`, at least 0: how far an iterate has succeeded. */
  readonly success: tf.Tensor1D;
}

/** The state of a run; all of it stays on the device. */
export interface ApgdState extends tf.TensorContainerObject {
  /** The iterate, and the one before it. */
  readonly images: Images;
  readonly previous: Images;
  readonly gradient: Images;
  /** `[B]`: of the iterate before; 0 before the first. */
  readonly gain: tf.Tensor1D;
  /** The iterate with the highest gain. */
  readonly best: {
    readonly images: Images;
    readonly gradient: Images;
    readonly gain: tf.Tensor1D;
  };
  /** The last iterate with the highest success. */
  readonly kept: { readonly images: Images; readonly success: tf.Tensor1D };
  /** `[B]` */
  readonly stepSize: tf.Tensor1D;
  /** `[B]`: steps since the last checkpoint whose gain was above that of the step before. */
  readonly rises: tf.Tensor1D;
  /** `[B]`: the best gain at the last checkpoint. */
  readonly checked: tf.Tensor1D;
  /** `[B]`: 1 where the last checkpoint halved the step; 1 before the first. */
  readonly halved: tf.Tensor1D;
}

/** The state at the start of a run. */
export function beginApgd(
  images: Images,
  { gain, gradient, success }: Evaluated,
  stepSize: tf.Scalar,
): ApgdState {
  const ones = tf.onesLike(gain);
  return {
    images,
    previous: images,
    gradient,
    gain: tf.zerosLike(gain),
    best: { images, gradient, gain },
    kept: { images, success },
    stepSize: tf.mul(ones, stepSize),
    rises: tf.zerosLike(gain),
    checked: gain,
    halved: ones,
  };
}

/** Takes in what the victim says of the state's images. */
export function absorb(state: ApgdState, { gain, gradient, success }: Evaluated): ApgdState {
  const { images, best, kept } = state;
  const better = tf.greater<tf.Tensor1D>(gain, best.gain);
  const succeeds = tf.logicalAnd<tf.Tensor1D>(
    tf.greater(success, 0),
    tf.greaterEqual(success, kept.success),
  );
  return {
    ...state,
    gradient,
    gain,
    best: {
      images: selectExamples(better, images, best.images),
      gradient: selectExamples(better, gradient, best.gradient),
      gain: tf.maximum(gain, best.gain),
    },
    kept: {
      images: selectExamples(succeeds, images, kept.images),
      success: tf.maximum(success, kept.success),
    },
    rises: tf.add(state.rises, tf.cast(tf.greater(gain, state.gain), "float32")),
  };
}

/**
 * A checkpoint. The step is halved, and the run goes on from the best iterate, where at most `limit` steps
 * since the last checkpoint were rises, or where the best gain has not grown since then and the step was
 * not halved there.
 */
export function halve(state: ApgdState, limit: tf.Scalar): ApgdState {
  const { best, rises, halved } = state;
  const stuck = tf.logicalAnd(
    tf.equal(halved, 0),
    tf.greaterEqual(state.checked, best.gain),
  );
  const halving = tf.logicalOr<tf.Tensor1D>(tf.lessEqual(rises, limit), stuck);
  const share = tf.cast<tf.Tensor1D>(halving, "float32");
  return {
    ...state,
    images: selectExamples(halving, best.images, state.images),
    gradient: selectExamples(halving, best.gradient, state.gradient),
    stepSize: tf.mul(state.stepSize, tf.sub(1, tf.mul(0.5, share))),
    rises: tf.zerosLike(rises),
    checked: best.gain,
    halved: share,
  };
}

/** Moves to the next iterate: a step along the gradient, and a share of the move before unless it is the first. */
export function move<Bounds extends tf.TensorContainerObject>(
  state: ApgdState,
  ball: Bounds,
  norm: Norm<Bounds>,
  isFirst: boolean,
): ApgdState {
  const { images, previous, gradient } = state;
  const stepSize = tf.reshape(state.stepSize, [-1, 1, 1, 1]);
  const ahead = norm.project(
    tf.add(images, tf.mul(stepSize, norm.direction(gradient))) as Images,
    ball,
  );
  if (isFirst) return { ...state, images: ahead, previous: images };
  const step = tf.mul(MOMENTUM_SHARE, tf.sub(ahead, images));
  const momentum = tf.mul(1 - MOMENTUM_SHARE, tf.sub(images, previous));
  const next = tf.add<Images>(images, tf.add(step, momentum));
  return { ...state, images: norm.project(next, ball), previous: images };
}

/** The images of a run: the last iterate with the highest success, or else the one with the highest gain. */
export function resultOf({ kept, best }: ApgdState): Images {
  return selectExamples(tf.greater(kept.success, 0), kept.images, best.images);
}

/**
 * Where APGD may halve its steps: windows of 22 % of all steps, then each shorter by 3 % down to 6 %.
 *
 * @param steps Number of steps, n
 * @returns The window that ends there, by number of steps taken
 *
 * @example Usage
 * ```ts
 * import { checkpointsOf } from "./apgd_state.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual([...checkpointsOf(100).keys()], [22, 41, 57, 70, 80, 87, 93, 99]);
 * assert.deepEqual([...checkpointsOf(100).values()], [22, 19, 16, 13, 10, 7, 6, 6]);
 * ```
 */
export function checkpointsOf(steps: number): ReadonlyMap<number, number> {
  const share = (part: number) => Math.max(Math.floor(part * steps), 1);
  const checkpoints = new Map<number, number>();
  let window = share(0.22);
  for (let at = window; at <= steps; at += window) {
    checkpoints.set(at, window);
    window = Math.max(window - share(0.03), share(0.06));
  }
  return checkpoints;
}
