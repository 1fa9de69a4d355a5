/**
 * The geometry of walks along a decision boundary, in either norm.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import { type Norm, norms } from "./ball.ts";

/** What a walk needs to know of a norm; tensors in and out, recordable but for `draw`. */
export interface Geometry {
  readonly name: "linf" | "l2";
  /** `[B]` distances. */
  distance(first: Images, second: Images): tf.Tensor1D;
  /**
   * Images on the way from clean ones to others, in [0, 1]: in L2 on the line, in L-infinity those within the ball.
   *
   * @param share `[B]` in [0, 1], of the distance
   */
  between(clean: Images, far: Images, share: tf.Tensor1D): Images;
  /** `count` numbers from which a direction is made. */
  draw(count: number, random: Random): Float32Array;
  /** The step along an estimated gradient. */
  readonly direction: Norm<tf.TensorContainerObject>["direction"];
}

const perImage = (values: tf.Tensor1D) => tf.reshape(values, [-1, 1, 1, 1]);

const flat = (values: tf.Tensor4D): tf.Tensor1D => tf.reshape(values, [-1]);

/** Geometries by the name of their norm. */
export const geometries: Readonly<Record<"linf" | "l2", Geometry>> = {
  linf: {
    name: "linf",
    distance: (first, second) => flat(norms.linf.length(tf.sub(first, second))),
    between(clean, far, share) {
      const change = tf.sub<Images>(far, clean);
      const radius = tf.mul(perImage(share), norms.linf.length(change));
      const within = tf.minimum(tf.maximum(change, tf.neg(radius)), radius);
      return tf.clipByValue(tf.add(clean, within), 0, 1);
    },
    draw: (count, random) => random.uniforms(count, -1, 1),
    direction: norms.linf.direction,
  },
  l2: {
    name: "l2",
    distance: (first, second) => flat(norms.l2.length(tf.sub(first, second))),
    between: (clean, far, share) =>
      tf.clipByValue(tf.add(clean, tf.mul(perImage(share), tf.sub(far, clean))), 0, 1),
    draw: (count, random) => random.normals(count, 1),
    direction: norms.l2.direction,
  },
};

/** Images moved by `size` `[B]` along directions, clipped to [0, 1]. */
export function moved(images: Images, direction: tf.Tensor, size: tf.Tensor1D): Images {
  return tf.clipByValue(tf.add(images, tf.mul(perImage(size), direction)), 0, 1) as Images;
}
