/**
 * Takes the first of several tries that is adversarial, by decisions alone.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import { selectExamples } from "./ball.ts";

/** `[B]` bool: which images are adversarial; the caller disposes it. */
export type Oracle = (images: Images, random: Random) => Promise<tf.Tensor1D>;

/** How images are tried. */
export interface Tries {
  /** The most tries. */
  readonly count: number;
  /** The images of a try; they are disposed here. */
  images(index: number): Images;
}

/** What was found. */
export interface Found extends tf.TensorContainerObject {
  readonly images: Images;
  /** `[B]` bool: examples that wait for an adversarial image. */
  readonly open: tf.Tensor1D;
}

/** From what there is, without disposing it, to what there is after some tries; the caller disposes it. */
export type FirstAdversarial =
  & ((before: Found, tries: Tries, oracle: Oracle, random: Random) => Promise<Found>)
  & Disposable;

/**
 * Creates the search: each example that is open takes the images of the first try which the oracle
 * calls adversarial, and keeps its own if there is none.
 *
 * @param name Of the attack
 * @returns The search; dispose it
 */
export function createFirstAdversarial(name: string): FirstAdversarial {
  const take = record(
    ({ images, open, tried, fooled }: Found & { tried: Images; fooled: tf.Tensor1D }) => ({
      images: selectExamples(tf.logicalAnd(open, fooled), tried, images),
      open: tf.logicalAnd(open, tf.logicalNot(fooled)) as tf.Tensor1D,
    }),
    { name: `${name}: try` },
  );
  const search = async (before: Found, tries: Tries, oracle: Oracle, random: Random) => {
    let found: Found = { images: tf.clone(before.images), open: tf.clone(before.open) };
    try {
      for (let index = 0; index < tries.count; index++) {
        if ((await found.open.data()).every((open) => open === 0)) break;
        const tried = tries.images(index);
        try {
          const fooled = await oracle(tried, random.fork(index));
          const next = take({ ...found, tried, fooled });
          tf.dispose([found, fooled]);
          found = next;
        } finally {
          tried.dispose();
        }
      }
      return found;
    } catch (error) {
      tf.dispose(found);
      throw error;
    }
  };
  return Object.assign(search, { [Symbol.dispose]: () => take[Symbol.dispose]() });
}
