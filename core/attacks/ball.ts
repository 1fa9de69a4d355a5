/**
 * The images that an attack may return: a ball around the clean ones, within [0, 1].
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";

/** Lower and upper bound of every pixel. */
export interface Ball extends tf.TensorContainerObject {
  /** `[B, H, W, C]` */
  readonly lower: Images;
  /** `[B, H, W, C]` */
  readonly upper: Images;
}

/** How far rounding may take a pixel past the ball's boundary, or past 0 and 1. */
export const ROUNDING = 1e-6;

/**
 * Whether a change is no larger than a radius, but for rounding.
 *
 * @param size Of the change; NaN is within no radius
 * @param epsilon The radius
 *
 * @example Usage
 * ```ts
 * import { isWithin } from "@realign/core/attacks";
 * import assert from "node:assert/strict";
 *
 * assert.ok(isWithin(0.0310001, 0.031));
 * assert.ok(!isWithin(0.0311, 0.031));
 * ```
 */
export function isWithin(size: number, epsilon: number): boolean {
  return size <= epsilon * (1 + ROUNDING) + ROUNDING;
}

/**
 * Computes the ball around clean images, clipped to [0, 1].
 *
 * @param clean `[B, H, W, C]` in `[0, 1]`
 * @param epsilon Its radius; Infinity for the whole box
 * @returns Its bounds
 *
 * @example Usage
 * ```ts
 * import { ballAround } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const { lower, upper } = ballAround(tf.tensor4d([0, 0.5, 1], [1, 1, 1, 3]), 0.25);
 * assert.deepEqual([...lower.dataSync()], [0, 0.25, 0.75]);
 * assert.deepEqual([...upper.dataSync()], [0.25, 0.75, 1]);
 * ```
 */
export function ballAround(clean: Images, epsilon: number): Ball {
  // Larger than any difference of pixels, in place of Infinity, which some backends do not support.
  const radius = Math.min(epsilon, 2);
  return {
    lower: tf.clipByValue(tf.sub(clean, radius), 0, 1),
    upper: tf.clipByValue(tf.add(clean, radius), 0, 1),
  };
}

/**
 * Moves every pixel to the nearest value within a ball: projects, then clips to [0, 1].
 *
 * @param images `[B, H, W, C]`
 * @param ball Bounds of the same shape
 * @returns `[B, H, W, C]`; not meant to be differentiated
 *
 * @example Usage
 * ```ts
 * import { ballAround, project } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const ball = ballAround(tf.tensor4d([0, 0.5, 1], [1, 1, 1, 3]), 0.25);
 * const images = project(tf.tensor4d([-1, 0.625, 2], [1, 1, 1, 3]), ball);
 * assert.deepEqual([...images.dataSync()], [0, 0.625, 1]);
 * ```
 */
export function project(images: Images, ball: Ball): Images {
  return tf.minimum(tf.maximum(images, ball.lower), ball.upper);
}

/** The ball of a norm: random starts, direction of steepest ascent, and projection. */
export interface Norm<Bounds extends tf.TensorContainerObject> {
  readonly name: "linf" | "l2";
  /** What {@linkcode Norm.project} needs for a batch; computed once for all steps. */
  around(clean: Images, epsilon: number): Bounds;
  /** A uniform point of the ball, as a perturbation, ignoring [0, 1]. */
  sample(shape: Images["shape"], epsilon: number, random: Random): Images;
  /** How far a perturbation reaches, `[B, 1, 1, 1]`. */
  length(perturbation: Images): tf.Tensor4D;
  /** The unit step of steepest ascent. */
  direction(gradient: Images): Images;
  /** The nearest images within the ball, clipped to [0, 1]. */
  project(images: Images, bounds: Bounds): Images;
}

/** The L-infinity ball: every pixel may change by epsilon, and moves along the gradient's sign. */
export const linf: Norm<Ball> = {
  name: "linf",
  around: ballAround,
  sample: (shape, epsilon, random) =>
    tf.tensor4d(random.uniforms(sizeOf(shape), -epsilon, epsilon), shape),
  length: (perturbation) => tf.max(tf.abs(perturbation), [1, 2, 3], true),
  direction: (gradient) => tf.sign(gradient),
  project,
};

/** The clean images and a radius. */
export interface Sphere extends tf.TensorContainerObject {
  readonly clean: Images;
  readonly radius: tf.Scalar;
}

/** Keeps divisions by a length finite. */
const LENGTH_GUARD = 1e-12;

/** `[B, 1, 1, 1]` */
const lengthOf = (images: Images): tf.Tensor4D =>
  tf.sqrt(tf.sum(tf.square(images), [1, 2, 3], true));

/** The L2 ball: an image's change has length at most epsilon, and moves along the gradient. */
export const l2: Norm<Sphere> = {
  name: "l2",
  around: (clean, epsilon) => ({
    clean: tf.clone(clean),
    // Larger than any difference of images, in place of Infinity, which some backends do not support.
    radius: tf.scalar(Math.min(epsilon, 1e6)),
  }),
  sample(shape, epsilon, random) {
    const size = sizeOf(shape);
    const pixels = size / shape[0];
    return tf.tidy(() => {
      const direction = l2.direction(tf.tensor4d(random.normals(size, 1), shape));
      const radii = random.uniforms(shape[0], 0, 1).map((share) => epsilon * share ** (1 / pixels));
      return tf.mul(direction, tf.tensor4d(radii, [shape[0], 1, 1, 1]));
    });
  },
  length: lengthOf,
  direction: (gradient) => tf.div(gradient, tf.maximum(lengthOf(gradient), LENGTH_GUARD)),
  project(images, { clean, radius }) {
    const change = tf.sub(images, clean) as Images;
    const share = tf.minimum(tf.div(radius, tf.maximum(lengthOf(change), LENGTH_GUARD)), 1);
    return tf.clipByValue(tf.add(clean, tf.mul(change, share)), 0, 1) as Images;
  },
};

/** Norms by name. */
export const norms: { readonly linf: Norm<Ball>; readonly l2: Norm<Sphere> } = { linf, l2 };

const sizeOf = (shape: Images["shape"]) => shape.reduce((product, side) => product * side, 1);

/**
 * Selects each example from one of two batches.
 *
 * @param mask `[B]` bool
 * @param chosen `[B, H, W, C]`, finite, where the mask is true
 * @param otherwise `[B, H, W, C]`, finite, where it is false
 * @returns `[B, H, W, C]`, exact copies
 *
 * @example Usage
 * ```ts
 * import { selectExamples } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const [zeros, ones] = [tf.zeros([2, 1, 1, 1]), tf.ones([2, 1, 1, 1])] as tf.Tensor4D[];
 * const mixed = selectExamples(tf.tensor1d([true, false], "bool"), ones, zeros);
 * assert.deepEqual([...mixed.dataSync()], [1, 0]);
 * ```
 */
export function selectExamples(mask: tf.Tensor1D, chosen: Images, otherwise: Images): Images {
  const share = tf.reshape(tf.cast(mask, "float32"), [-1, 1, 1, 1]);
  return tf.add(tf.mul(share, chosen), tf.mul(tf.sub(1, share), otherwise));
}
