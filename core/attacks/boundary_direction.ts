/**
 * Estimates the gradient at a decision boundary from decisions alone.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import { HeldTensors } from "../held_tensors.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import { type Geometry, moved } from "./boundary_geometry.ts";
import type { Oracle } from "./first_adversarial.ts";

/** Keeps divisions finite. */
const GUARD = 1e-12;

/** What probes have told so far. */
interface Tally extends tf.TensorContainerObject {
  /** `[B]` sum of the votes, 1 where a probe is adversarial and else -1. */
  readonly votes: tf.Tensor1D;
  /** Sum of the probes' changes, in units of the radius. */
  readonly changes: Images;
  /** The same, each by its vote. */
  readonly voted: Images;
}

/**
 * From images at the boundary, the radius `[B]` and the number of probes to the direction that leads
 * into the adversarial side. The caller disposes it.
 */
export type BoundaryDirection =
  & ((
    images: Images,
    radius: tf.Tensor1D,
    probes: number,
    oracle: Oracle,
    random: Random,
  ) => Promise<Images>)
  & Disposable;

/**
 * Creates the estimate of Chen et al. 2020: the mean of random directions by the votes of their
 * decisions, from which the mean vote is subtracted.
 *
 * A probe is one direction, the same for all images of the batch, so that memory does not grow with
 * the number of probes.
 *
 * @param name Of the attack
 * @param geometry How directions are drawn, and what is a step along the estimate
 * @returns The estimate; dispose it
 */
export function createBoundaryDirection(name: string, geometry: Geometry): BoundaryDirection {
  interface At extends tf.TensorContainerObject {
    readonly images: Images;
    /** `[B]` */
    readonly radius: tf.Tensor1D;
  }
  const probe = record(({ images, radius, drawn }: At & { drawn: Images }) => {
    const length = tf.sqrt(tf.sum(tf.square(drawn)));
    return moved(images, tf.div(drawn, tf.maximum(length, GUARD)), radius);
  }, { name: `${name}: probe` });
  const count = record(
    ({ images, radius, probed, fooled, votes, changes, voted }: At & Tally & {
      probed: Images;
      fooled: tf.Tensor1D;
    }): Tally => {
      const vote = tf.sub(tf.mul(tf.cast(fooled, "float32"), 2), 1) as tf.Tensor1D;
      const each = tf.reshape(vote, [-1, 1, 1, 1]);
      // Clipping changes a probe, so what counts is where it went.
      const change = tf.div(
        tf.sub(probed, images),
        tf.reshape(tf.maximum(radius, GUARD), [-1, 1, 1, 1]),
      );
      return {
        votes: tf.add(votes, vote),
        changes: tf.add(changes, change) as Images,
        voted: tf.add(voted, tf.mul(each, change)) as Images,
      };
    },
    { name: `${name}: vote` },
  );
  const decide = record(({ votes, changes, voted, total }: Tally & { total: tf.Scalar }) => {
    const mean = tf.div(votes, total);
    // Where all votes agree they are all that is known.
    const agreed = tf.greaterEqual(tf.abs(mean), 1);
    const subtracted = tf.where(agreed, tf.zerosLike(mean), mean);
    const estimate = tf.sub(voted, tf.mul(tf.reshape(subtracted, [-1, 1, 1, 1]), changes));
    return geometry.direction(tf.div(estimate, total) as Images);
  }, { name: `${name}: direction` });

  const estimate = async (
    images: Images,
    radius: tf.Tensor1D,
    probes: number,
    oracle: Oracle,
    random: Random,
  ) => {
    const [batch, ...size] = images.shape;
    const pixels = size.reduce((product, side) => product * side, 1);
    let tally: Tally = {
      votes: tf.zeros([batch]),
      changes: tf.zerosLike(images),
      voted: tf.zerosLike(images),
    };
    try {
      for (let index = 0; index < probes; index++) {
        using held = new HeldTensors();
        const stream = random.fork(index);
        const drawn = held.keep(tf.tensor4d(geometry.draw(pixels, stream), [1, ...size]));
        const probed = held.keep(probe({ images, radius, drawn }));
        const fooled = held.keep(await oracle(probed, stream.fork("oracle")));
        const next = count({ ...tally, images, radius, probed, fooled });
        tf.dispose(tally);
        tally = next;
      }
      using held = new HeldTensors();
      return decide({ ...tally, total: held.keep(tf.scalar(probes)) });
    } finally {
      tf.dispose(tally);
    }
  };
  return Object.assign(estimate, {
    [Symbol.dispose]() {
      for (const part of [probe, count, decide]) part[Symbol.dispose]();
    },
  });
}
