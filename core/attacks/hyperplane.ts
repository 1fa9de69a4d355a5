/**
 * The shortest way from an image to a hyperplane without leaving [0, 1]: the step of FAB.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import * as tf from "../tf.ts";

/** Axes of an image. */
const PIXELS = [1, 2, 3];
/** Keeps divisions finite where no weight, or no pixel that may still move, is left. */
const GUARD = 1e-12;
/**
 * Newton steps. On a concave function each divides (gap x slope) by 4 or more, so that single precision
 * is reached after 12 at the latest; images take 3 to 6. In L-infinity, where all pixels move alike, 7 reach
 * it wherever the plane lies in the box.
 */
const NEWTON_STEPS = { linf: 7, l2: 12 };

/**
 * Computes the least change, in a norm, that brings images to hyperplanes: w . (x + d) = w . x + gap,
 * with x + d in [0, 1]. Where the box ends before the plane, d goes to the corner nearest to it.
 *
 * Every pixel moves by min(lambda c, its room), c = 1 in L-infinity and |w| in L2. What all of
 * them add to w . x is concave in lambda, so Newton's method finds lambda from below, exactly.
 *
 * @param images `[B, H, W, C]` in `[0, 1]`
 * @param normal w, of the same shape; where all of it is 0, d is 0
 * @param gap `[B]`, what w . x must gain; may be negative
 * @param norm The norm that is minimised
 * @returns d, `[B, H, W, C]`; not meant to be differentiated
 *
 * @example Usage
 * ```ts
 * import { toHyperplane } from "./hyperplane.ts";
 * import { assertClose } from "@realign/core/testing";
 * import * as tf from "@realign/core/tf";
 *
 * await tf.setBackend("cpu");
 * const image = tf.tensor4d([0.5, 0.5, 0.9], [1, 1, 1, 3]);
 * const normal = tf.tensor4d([3, -1, 2], [1, 1, 1, 3]);
 * // The last pixel has room for 0.1 only, so that the others go 0.15 instead of 0.8 / 6.
 * assertClose(toHyperplane(image, normal, tf.tensor1d([0.8]), "linf"), [0.15, -0.15, 0.1]);
 * ```
 */
export function toHyperplane(
  images: Images,
  normal: Images,
  gap: tf.Tensor1D,
  norm: "linf" | "l2",
): Images {
  const signed = tf.reshape(gap, [-1, 1, 1, 1]);
  const way = tf.mul(tf.sign(normal), tf.sign(signed)) as Images;
  const room = tf.where(tf.greater(way, 0), tf.sub(1, images), images);
  // Gradients may be tiny: only the direction of w counts.
  const scale = tf.add(tf.max(tf.abs(normal), PIXELS, true), GUARD * GUARD);
  const weight = tf.div(tf.abs(normal), scale);
  const wanted = tf.div(tf.abs(signed), scale);
  const reach = (lambda: tf.Tensor) => norm === "l2" ? tf.mul(lambda, weight) : lambda;
  const slopes = norm === "l2" ? tf.square(weight) : weight;

  let lambda: tf.Tensor = tf.zerosLike(wanted);
  for (let step = 0; step < NEWTON_STEPS[norm]; step++) {
    const reached = reach(lambda);
    const gained = tf.sum(tf.mul(weight, tf.minimum(reached, room)), PIXELS, true);
    const moving = tf.cast(tf.less(reached, room), "float32");
    const slope = tf.sum(tf.mul(slopes, moving), PIXELS, true);
    const missing = tf.relu(tf.sub(wanted, gained));
    lambda = tf.add(lambda, tf.div(missing, tf.add(slope, GUARD)));
  }
  return tf.mul(way, tf.minimum(reach(lambda), room));
}
