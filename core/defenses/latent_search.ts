/**
 * The search for the image of a generator that is nearest to a given one.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import { HeldTensors } from "../held_tensors.ts";
import { resizeImages } from "../images.ts";
import { pause } from "../pause.ts";
import * as tf from "../tf.ts";

/** A generator of images from vectors. */
export interface LatentModel {
  /** Numbers of a vector. */
  readonly latents: number;
  /** `[H, W]` of its images. */
  readonly size: readonly [number, number];
  /** Weights that may change between searches. */
  readonly variables: readonly tf.Variable[];
  /** From z `[B, latents]` to images `[B, H, W, 3]` in `[0, 1]`, each by itself; differentiable. */
  readonly generate: (latents: tf.Tensor2D) => Images;
}

/** How a search goes. */
export interface LatentSearchSettings {
  /** Vectors that each image's search starts from. */
  readonly restarts: number;
  /** Steps from each. */
  readonly steps: number;
  /** Learning rate of a step. */
  readonly stepSize: number;
  /** Share of the velocity that is kept from one step to the next. */
  readonly momentum: number;
  /** Factor of the learning rate in the last fifth of the steps. */
  readonly decay: number;
}

/** What a search found; the caller owns it. */
export interface FoundLatents extends tf.TensorContainerObject {
  /** `[B, latents]` */
  readonly latents: tf.Tensor2D;
  /** Their images, in the size of the given ones. */
  readonly images: Images;
}

/** A search, recorded. Dispose it. */
export interface LatentSearch extends Disposable {
  /**
   * Searches for a batch.
   *
   * @param images `[B, H, W, 3]` in `[0, 1]`, of any size
   * @param start `[B * restarts, latents]`, an image's restarts beside each other
   * @returns The vectors of the nearest images found, and these
   */
  search(images: Images, start: tf.Tensor2D): Promise<FoundLatents>;
}

/** Signals and timers are let in between steps; a defense is not told when to end. */
const UNENDED = new AbortController().signal;

/** Where the rate falls, in steps: the published search asks for it there. */
const fallOf = (steps: number) => Math.ceil(0.8 * steps);

interface State extends tf.TensorContainerObject {
  latents: tf.Tensor2D;
  velocity: tf.Tensor2D;
}

/**
 * Prepares the search of Defense-GAN (Samangouei et al. 2018): gradient descent with momentum on z, from several
 * starts at once, by the mean squared error of each image; the best of the starts, for each image by itself.
 *
 * Errors are of pixels in [-1, 1], the range of the published generators, which the step size belongs to. Images of
 * another size are resized for the search, and the result back.
 *
 * @param model The generator; borrowed
 * @param settings Restarts, steps, their size
 * @returns The search; dispose it
 *
 * @example Usage
 * ```ts
 * import { createLatentSearch } from "@realign/core/defenses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * // One grey for the whole image.
 * const generate = (z: tf.Tensor2D) => tf.tile(tf.reshape(z, [-1, 1, 1, 1]), [1, 2, 2, 3]) as tf.Tensor4D;
 * using grey = createLatentSearch(
 *   { latents: 1, size: [2, 2], variables: [], generate },
 *   { restarts: 1, steps: 50, stepSize: 0.1, momentum: 0.5, decay: 1 },
 * );
 * const { images } = await grey.search(tf.fill([1, 2, 2, 3], 0.75), tf.zeros([1, 1]));
 * assert.ok(Math.abs(images.dataSync()[0] - 0.75) < 1e-4);
 * ```
 */
export function createLatentSearch(
  { size: [height, width], variables, generate }: LatentModel,
  { restarts, steps, stepSize, momentum, decay }: LatentSearchSettings,
): LatentSearch {
  const errorsOf = (latents: tf.Tensor2D, wanted: Images) =>
    // Pixels in [-1, 1] differ by twice as much.
    tf.mul(tf.mean(tf.square(tf.sub(generate(latents), wanted)), [1, 2, 3]), 4) as tf.Tensor1D;
  const repeated = record(({ images }: { images: Images }) => {
    const [batch] = images.shape;
    const flat = tf.reshape(resizeImages(images, [height, width]), [batch, 1, -1]);
    const all = tf.tile(flat, [1, restarts, 1]);
    return tf.reshape(all, [batch * restarts, height, width, 3]) as Images;
  }, { name: "repeat images" });
  const move = record(({ wanted, rate, latents, velocity }: State & {
    wanted: Images;
    rate: tf.Scalar;
  }): State => {
    const slope = tf.grad((z) => tf.sum(errorsOf(z as tf.Tensor2D, wanted)))(latents);
    const next = tf.add(tf.mul(velocity, momentum), slope) as tf.Tensor2D;
    return { latents: tf.sub(latents, tf.mul(next, rate)), velocity: next };
  }, { name: "search step", variables });
  const choose = record(({ images, wanted, latents }: {
    images: Images;
    wanted: Images;
    latents: tf.Tensor2D;
  }): FoundLatents => {
    const [batch, rows, columns] = images.shape;
    const errors = tf.reshape(errorsOf(latents, wanted), [batch, restarts]);
    const numbers = tf.where(tf.isNaN(errors), tf.fill(errors.shape, Infinity), errors);
    const places = tf.expandDims(tf.range(0, restarts, 1, "int32"), 0);
    const isBest = tf.equal(places, tf.expandDims(tf.argMin(numbers, 1), 1));
    const own = tf.reshape(latents, [batch, restarts, -1]);
    const best = tf.sum(
      tf.where(tf.expandDims(isBest, 2), own, tf.zerosLike(own)),
      1,
    ) as tf.Tensor2D;
    return { latents: best, images: resizeImages(generate(best), [rows, columns]) };
  }, { name: "choose the nearest", variables });
  return {
    async search(images, start) {
      using held = new HeldTensors();
      const wanted = held.keep(repeated({ images }));
      const rates = held.keep([tf.scalar(stepSize), tf.scalar(stepSize * decay)]);
      let state: State = { latents: tf.clone(start), velocity: tf.zerosLike(start) };
      try {
        for (let step = 0; step < steps; step++) {
          const next = move({ wanted, rate: rates[Number(step >= fallOf(steps))], ...state });
          tf.dispose(state);
          state = next;
          await pause(UNENDED);
        }
        return choose({ images, wanted, latents: state.latents });
      } finally {
        tf.dispose(state);
      }
    },
    [Symbol.dispose]() {
      for (const step of [repeated, move, choose]) step[Symbol.dispose]();
    },
  };
}
