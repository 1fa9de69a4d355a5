/**
 * What a defense is: something that changes images before the target model sees them.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import type { Random } from "../random.ts";
import type * as tf from "../tf.ts";

/** Restores images. */
export interface Defense {
  readonly name: string;
  /** Weights that may move while it is used. */
  readonly variables: readonly tf.Variable[];
  /**
   * Restores a batch.
   *
   * @param images `[B, H, W, 3]` in `[0, 1]`; not disposed
   * @param random Where a random defense draws from
   * @returns Images of the same shape in `[0, 1]`, owned by the caller
   */
  restore(images: Images, random: Random): Promise<Images>;
  /** A differentiable stand-in; absent where there is none. */
  readonly gradient?: DefenseGradient;
}

/** What an attacker differentiates through. */
export interface DefenseGradient {
  /** Whether it is the defense itself; otherwise an approximation (BPDA, Athalye et al. 2018). */
  readonly exact: boolean;
  /** Draws the noise of one pass, where the defense is random. */
  draw?(shape: Images["shape"], random: Random): tf.TensorContainerObject;
  /** Pure and recordable. */
  apply(images: Images, noise: tf.TensorContainerObject): Images;
}
