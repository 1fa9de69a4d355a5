/**
 * How much of a clean image a defense loses.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import { HeldTensors } from "../held_tensors.ts";
import * as tf from "../tf.ts";

/** Sums up the squared differences of batches. */
export interface ReconstructionError {
  /**
   * Adds a batch.
   *
   * @param clean `[B, H, W, C]`
   * @param restored What the defense makes of them, of the same shape
   * @param count Rows from here on are padding
   */
  add(clean: Images, restored: Images, count: number): Promise<void>;
  /** The root of the mean; undefined before the first batch, and where a restored pixel is no number. */
  result(): number | undefined;
}

/**
 * Makes the reconstruction error of one defense: the root mean squared difference of restored clean images from the
 * clean ones, over all pixels of all images. What a defense cannot make of a clean image is lost under attack as well.
 *
 * @returns No batch yet
 *
 * @example Usage
 * ```ts
 * import { createReconstructionError } from "./reconstruction_error.ts";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const error = createReconstructionError();
 * await error.add(tf.zeros([1, 2, 2, 3]), tf.fill([1, 2, 2, 3], 0.25), 1);
 * assert.equal(error.result(), 0.25);
 * ```
 */
export function createReconstructionError(): ReconstructionError {
  let [sum, examples] = [0, 0];
  return {
    async add(clean, restored, count) {
      using held = new HeldTensors();
      const total = held.keep(tf.tidy(() => {
        const ofEach = tf.mean(tf.squaredDifference(restored, clean), [1, 2, 3]);
        return tf.sum(tf.slice(ofEach, 0, count));
      }));
      sum += (await total.data())[0];
      examples += count;
    },
    result() {
      const root = Math.sqrt(sum / examples);
      return Number.isFinite(root) ? Number(root.toPrecision(6)) : undefined;
    },
  };
}
