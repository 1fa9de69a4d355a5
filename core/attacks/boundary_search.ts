/**
 * Finds a decision boundary between two images by bisection.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import { selectExamples } from "./ball.ts";
import type { Geometry } from "./boundary_geometry.ts";
import type { Oracle } from "./first_adversarial.ts";

/** Halvings that single precision resolves: shares of the way are multiples of 2^-24, which it holds exactly. */
const MOST_HALVINGS = 24;

interface State extends tf.TensorContainerObject {
  /** `[B]`: shares of the way of what is known not to be, and to be, adversarial. */
  readonly low: tf.Tensor1D;
  readonly high: tf.Tensor1D;
  /** The images at `high`. */
  readonly nearest: Images;
}

/**
 * From clean images and adversarial ones, neither disposed, to the images nearest to the clean ones on
 * the way between them that the oracle calls adversarial, as near as `resolution`, a share of the
 * way. The caller disposes them.
 */
export type BoundarySearch =
  & ((
    clean: Images,
    far: Images,
    resolution: number,
    oracle: Oracle,
    random: Random,
  ) => Promise<Images>)
  & Disposable;

/**
 * Creates a search for the decision boundary by bisection.
 *
 * @param name Of the attack
 * @param geometry What the way is
 * @returns The search; dispose it
 */
export function createBoundarySearch(name: string, geometry: Geometry): BoundarySearch {
  const look = record(
    (
      { clean, far, low, high }: {
        clean: Images;
        far: Images;
        low: tf.Tensor1D;
        high: tf.Tensor1D;
      },
    ) => geometry.between(clean, far, tf.mul(tf.add(low, high), 0.5)),
    { name: `${name}: bisection` },
  );
  const narrow = record(
    ({ images, fooled, low, high, nearest }: State & { images: Images; fooled: tf.Tensor1D }) => {
      const middle = tf.mul(tf.add(low, high), 0.5) as tf.Tensor1D;
      return {
        low: tf.where(fooled, low, middle),
        high: tf.where(fooled, middle, high),
        nearest: selectExamples(fooled, images, nearest),
      };
    },
    { name: `${name}: half` },
  );
  const search = async (
    clean: Images,
    far: Images,
    resolution: number,
    oracle: Oracle,
    random: Random,
  ) => {
    const [batch] = clean.shape;
    const halvings = Math.min(MOST_HALVINGS, Math.ceil(Math.log2(1 / resolution)));
    let state: State = {
      low: tf.zeros([batch]),
      high: tf.ones([batch]),
      nearest: tf.clone(far),
    };
    try {
      for (let halving = 0; halving < halvings; halving++) {
        const { low, high } = state;
        const images = look({ clean, far, low, high });
        try {
          const fooled = await oracle(images, random.fork(halving));
          const next = narrow({ ...state, images, fooled });
          tf.dispose([state, fooled]);
          state = next;
        } finally {
          images.dispose();
        }
      }
      return tf.clone(state.nearest);
    } finally {
      tf.dispose(state);
    }
  };
  return Object.assign(search, {
    [Symbol.dispose]() {
      for (const part of [look, narrow]) part[Symbol.dispose]();
    },
  });
}
