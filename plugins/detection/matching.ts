/**
 * Which prior answers for which box of the truth.
 *
 * @module
 */
import { exactMatMul } from "@realign/core/backend";
import * as tf from "@realign/core/tf";
import { overlaps, toCorners } from "./boxes.ts";
import { countingBoxes, type DetectionLabels } from "./labels.ts";

/** What every prior should say. No gradient is meant to pass. */
export interface Matches {
  /** `[B, P]`: 1 for a prior that answers for a box. */
  readonly positive: tf.Tensor2D;
  /** `[B, P]` int32: 0 is background, k + 1 a box of class k. */
  readonly classes: tf.Tensor2D;
  /** `[B, P, 4]`: the box in corner form; 0 where there is none. */
  readonly boxes: tf.Tensor3D;
}

/** Overlap from which on a prior answers for a box. */
const THRESHOLD = 0.5;

/**
 * Matches priors to boxes as SSD does: each prior answers for the box that it overlaps most, from
 * intersection over union .5 on, and each box has the prior that overlaps it most, however little; of
 * several boxes with the same best prior the last has it. Padding and difficult boxes are as if they
 * were not there. Shapes are static and no value is read, so that it may stand in a recorded step.
 *
 * @param priors `[B, P, 4]` in centre form
 * @param labels The boxes of the B examples
 * @returns What each prior answers for
 */
export function matchPriors(priors: tf.Tensor3D, labels: DetectionLabels): Matches {
  const places = labels.boxes.shape[1];
  const counts = tf.expandDims(countingBoxes(labels), 1); // [B, 1, M]
  // Below every overlap where there is no box that counts.
  const shares = tf.sub(
    tf.mul(overlaps(toCorners(priors), labels.boxes), counts),
    tf.sub(1, counts),
  ) as tf.Tensor3D; // [B, P, M]
  const closest = tf.cast(tf.argMax(shares, 2), "float32"); // [B, P]
  const near = tf.cast(tf.greaterEqual(tf.max(shares, 2), THRESHOLD), "float32");
  const ownPlace = ownBox(shares, counts); // [B, P]; 0 for none, else place + 1
  const owned = tf.minimum(ownPlace, 1);
  const place = tf.add(tf.mul(owned, tf.sub(ownPlace, 1)), tf.mul(tf.sub(1, owned), closest));
  const positive = tf.maximum(owned, near) as tf.Tensor2D;
  const membership = tf.mul(
    tf.cast(tf.equal(tf.expandDims(place, 2), tf.range(0, places)), "float32"),
    tf.expandDims(positive, 2),
  ) as tf.Tensor3D; // [B, P, M]
  const numbers = tf.expandDims(tf.cast(tf.add(labels.classes, 1), "float32"), 1); // [B, 1, M]
  return {
    positive,
    classes: tf.cast(tf.sum(tf.mul(membership, numbers), 2), "int32"),
    boxes: exactMatMul(membership, labels.boxes),
  };
}

/** `[B, P]`: the place, counted from 1, of the box whose best prior this is; 0 if of none. */
function ownBox(shares: tf.Tensor3D, counts: tf.Tensor): tf.Tensor2D {
  const [, priors, places] = shares.shape;
  const best = tf.expandDims(tf.argMax(shares, 1), 1); // [B, 1, M]
  const indices = tf.reshape(tf.range(0, priors, 1, "int32"), [1, priors, 1]);
  const isBest = tf.mul(tf.cast(tf.equal(indices, best), "float32"), counts); // [B, P, M]
  return tf.max(tf.mul(isBest, tf.range(1, places + 1)), 2);
}
