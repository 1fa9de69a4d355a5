/**
 * Boxes as tensors: their two forms, how much they overlap, and how they are written relative to priors.
 *
 * @module
 */
import * as tf from "@realign/core/tf";
import { VARIANCES } from "./post_process.ts";

/** Of sizes, so that padding has a finite logarithm. */
export const SMALLEST_SIDE = 1e-6;

/** `[B, N, 2]`: the first or the last two of four numbers. */
function pair(boxes: tf.Tensor3D, index: 0 | 1): tf.Tensor3D {
  return tf.slice(boxes, [0, 0, 2 * index], [-1, -1, 2]);
}

/**
 * Turns centre form into corner form.
 *
 * @param boxes `[B, N, 4]`: centre x, centre y, width, height
 * @returns `[B, N, 4]`: left, top, right, bottom
 */
export function toCorners(boxes: tf.Tensor3D): tf.Tensor3D {
  const [centres, halves] = [pair(boxes, 0), tf.mul(pair(boxes, 1), 0.5)];
  return tf.concat([tf.sub(centres, halves), tf.add(centres, halves)], 2);
}

/**
 * Turns corner form into centre form.
 *
 * @param boxes `[B, N, 4]`: left, top, right, bottom
 * @returns `[B, N, 4]`: centre x, centre y, width, height
 */
export function toCentres(boxes: tf.Tensor3D): tf.Tensor3D {
  const [first, second] = [pair(boxes, 0), pair(boxes, 1)];
  return tf.concat([tf.mul(tf.add(first, second), 0.5), tf.sub(second, first)], 2);
}

/**
 * Intersection over union of every box with every other.
 *
 * @param first `[B, N, 4]` in corner form
 * @param second `[B, M, 4]` in corner form
 * @returns `[B, N, M]` in `[0, 1]`; 0 where both boxes are empty
 */
export function overlaps(first: tf.Tensor3D, second: tf.Tensor3D): tf.Tensor3D {
  const side = (axis: 0 | 1) => {
    const [low, high] = [0, 2].map((offset) => ({
      first: tf.slice(first, [0, 0, axis + offset], [-1, -1, 1]), // [B, N, 1]
      second: tf.transpose(tf.slice(second, [0, 0, axis + offset], [-1, -1, 1]), [0, 2, 1]), // [B, 1, M]
    }));
    return {
      shared: tf.relu(
        tf.sub(tf.minimum(high.first, high.second), tf.maximum(low.first, low.second)),
      ),
      first: tf.sub(high.first, low.first),
      second: tf.sub(high.second, low.second),
    };
  };
  const [x, y] = [side(0), side(1)];
  const shared = tf.mul(x.shared, y.shared);
  const union = tf.sub(tf.add(tf.mul(x.first, y.first), tf.mul(x.second, y.second)), shared);
  return tf.div(shared, tf.maximum(union, 1e-12));
}

/**
 * Writes boxes relative to priors: ((c - c_p) / (.1 s_p), ln(s / s_p) / .2) for centre c and size s.
 *
 * @param boxes `[B, P, 4]` in corner form
 * @param priors `[B, P, 4]` in centre form
 * @returns Offsets `[B, P, 4]`
 */
export function encodeBoxes(boxes: tf.Tensor3D, priors: tf.Tensor3D): tf.Tensor3D {
  const centred = toCentres(boxes);
  const sizes = pair(priors, 1);
  const centres = tf.div(tf.sub(pair(centred, 0), pair(priors, 0)), sizes);
  const ratios = tf.div(tf.maximum(pair(centred, 1), SMALLEST_SIDE), sizes);
  return tf.concat([tf.div(centres, VARIANCES[0]), tf.div(tf.log(ratios), VARIANCES[1])], 2);
}

/**
 * Reads boxes written by {@linkcode encodeBoxes}.
 *
 * @param offsets `[B, P, 4]`
 * @param priors `[B, P, 4]` in centre form
 * @returns `[B, P, 4]` in corner form; differentiable in `offsets`
 */
export function decodeBoxes(offsets: tf.Tensor3D, priors: tf.Tensor3D): tf.Tensor3D {
  const sizes = pair(priors, 1);
  const centres = tf.add(pair(priors, 0), tf.mul(tf.mul(pair(offsets, 0), VARIANCES[0]), sizes));
  const sides = tf.mul(tf.exp(tf.mul(pair(offsets, 1), VARIANCES[1])), sizes);
  return toCorners(tf.concat([centres, sides], 2) as tf.Tensor3D);
}
