/**
 * What a defense is: something that changes images before the target model sees them.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import type { Random } from "../random.ts";
import type * as tf from "../tf.ts";

/** The gradient of a defense, for attacks that know it. */
export interface DefenseGradient {
  /** Whether it is the defense's own; false for an approximation (BPDA, Athalye et al. 2018). */
  readonly exact: boolean;
  /**
   * Draws the noise of one pass, before a recorded step that is given it as input; absent where the
   * defense is not random. The same stream gives the noise that `restore` uses.
   *
   * @param shape Of the images
   * @param random The stream
   * @returns Tensors by name; the caller disposes them
   */
  draw?(shape: Images["shape"], random: Random): tf.TensorContainerObject;
  /**
   * Restores images as a pure, differentiable function that can be recorded.
   *
   * @param images `[B, H, W, 3]` in `[0, 1]`
   * @param noise What `draw` gave; `{}` where there is no `draw`
   * @returns Images of the same shape in `[0, 1]`
   */
  apply(images: Images, noise: tf.TensorContainerObject): Images;
}

/** Restores images. */
export interface Defense extends Partial<Disposable> {
  readonly name: string;
  /** Weights that may move while the defense is used. */
  readonly variables: readonly tf.Variable[];
  /**
   * Restores a batch.
   *
   * @param images `[B, H, W, 3]` in `[0, 1]`; not disposed
   * @param random Where a random defense draws its noise from; others ignore it
   * @returns Images of the same shape in `[0, 1]`, owned by the caller
   */
  restore(images: Images, random: Random): Promise<Images>;
  /** Absent where there is none, not even an approximation. */
  readonly gradient?: DefenseGradient;
}
