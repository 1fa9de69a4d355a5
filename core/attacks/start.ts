/**
 * Starting points of attacks in a ball.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import type { Random } from "../random.ts";
import { oneOf, type Option, option } from "../options.ts";
import * as tf from "../tf.ts";
import type { Norm } from "./ball.ts";

/**
 * The clean image, a uniform point of the ball, the clean image plus TRADES' 0.001 N(0, 1), or the point of the ball
 * next to an image of N(0, 1), nearly always a corner (SSP).
 */
export type RandomStart = "none" | "uniform" | "trades" | "gaussian-image";

/** Deviation of the "trades" start (Zhang et al. 2019). */
const TRADES_DEVIATION = 0.001;

/** The `randomStart` option. */
export const randomStart: Option<RandomStart> = option(
  "uniform",
  oneOf("none", "uniform", "trades", "gaussian-image"),
  "starting point: the clean image, uniform in the ball, the clean image plus 0.001 N(0, 1) (TRADES), or the point next to an image of N(0, 1) (SSP)",
);

/**
 * Creates the start of an attack.
 *
 * @param norm Of the ball
 * @param kind Kind of start; "surface" is a uniform one scaled until each image touches the ball's surface
 * @param epsilon The ball's radius
 * @returns From clean images, their bounds and a stream to the first iterate; the caller disposes it
 * @throws {RangeError} If it is to be a uniform point of a ball without bounds
 */
export function createStart<Bounds extends tf.TensorContainerObject>(
  norm: Norm<Bounds>,
  kind: RandomStart | "surface",
  epsilon: number,
): (clean: Images, bounds: Bounds, random: Random) => Images {
  if ((kind === "uniform" || kind === "surface") && !Number.isFinite(epsilon)) {
    throw new RangeError(
      `Cannot start uniformly in a ball as its epsilon must be finite: current value is ${epsilon}`,
    );
  }
  return (clean, bounds, random) => {
    if (kind === "none") return tf.clone(clean);
    return tf.tidy(() => {
      if (kind === "gaussian-image") {
        return norm.project(tf.tensor4d(random.normals(clean.size, 1), clean.shape), bounds);
      }
      const noise = kind === "trades"
        ? tf.tensor4d(random.normals(clean.size, TRADES_DEVIATION), clean.shape)
        : norm.sample(clean.shape, epsilon, random);
      if (kind === "surface") {
        const scaled = tf.mul(noise, tf.div(epsilon, norm.length(noise)));
        return norm.project(tf.add(clean, scaled), bounds);
      }
      return norm.project(tf.add(clean, noise), bounds);
    });
  };
}
