/**
 * The interface of a defense, which changes images before the target model sees them.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import type { Random } from "../random.ts";
import type * as tf from "../tf.ts";

/** The gradient of a defense, for whitebox attacks. */
export interface DefenseGradient {
  /** Whether the gradient is exact; false for an approximation (BPDA, Athalye et al. 2018). */
  readonly exact: boolean;
  /** Whether a part has no gradient of its own, so that the identity was taken for it. @default {false} */
  readonly assumed?: boolean;
  /**
   * Draws the noise of one pass, which a recorded step takes as an input; absent if the
   * defense is not random. From the same stream it gives the same noise as `restore`.
   *
   * @param shape Of the images
   * @param random The stream
   * @returns Tensors by name; the caller disposes them
   */
  draw?(shape: Images["shape"], random: Random): tf.TensorContainerObject;
  /** From the shape of images to that of what is made of them; absent if it stays. */
  shapeOf?(shape: Images["shape"]): Images["shape"];
  /**
   * Restores images as a pure, differentiable function that can be recorded.
   *
   * @param images `[B, H, W, 3]` in `[0, 1]`
   * @param noise From `draw`; `{}` without `draw`
   * @returns Images in `[0, 1]`, of the same shape or that of `shapeOf`
   */
  apply(images: Images, noise: tf.TensorContainerObject): Images;
}

/** The images that a defense restores to, where it makes them of vectors that it searches for. */
export interface Manifold {
  /**
   * Images of vectors: pure, differentiable, recordable.
   *
   * @param latents z `[B, N]`
   * @param size `[H, W]` of the images
   * @returns `[B, H, W, 3]` in `[0, 1]`
   */
  generate(latents: tf.Tensor2D, size: readonly [number, number]): Images;
  /**
   * The vectors whose images `restore` gives with the same stream.
   *
   * @param images `[B, H, W, 3]` in `[0, 1]`
   * @param random Where a random search starts
   * @returns z `[B, N]`, owned by the caller
   */
  nearest(images: Images, random: Random): Promise<tf.Tensor2D>;
}

/** Restores images. */
export interface Defense extends Partial<Disposable> {
  readonly name: string;
  /**
   * Identifies what gives other images: the code of what comes from the table, e.g. "generator 1, jpeg 1", and what a
   * part has from training images.
   */
  readonly version?: string;
  /** Weights that may change while the defense is in use. */
  readonly variables: readonly tf.Variable[];
  /**
   * Restores a batch.
   *
   * @param images `[B, H, W, 3]` in `[0, 1]`; not disposed
   * @param random Source of a random defense's noise; others ignore it
   * @returns Images of the same shape in `[0, 1]`, owned by the caller
   */
  restore(images: Images, random: Random): Promise<Images>;
  /**
   * Whether restored images have another height and width, which the target model is then given as they are: it must take
   * them (`unresized`). @default {false}
   */
  readonly changesSize?: boolean;
  /** Whether two passes over the same images may differ. @default whether `gradient` draws noise */
  readonly random?: boolean;
  /**
   * Whether what becomes of an image follows its place in the batch and not the image alone. @default {false}
   */
  readonly positional?: boolean;
  /** Absent if there is none, not even an approximation: attacks then take the identity for it. */
  readonly gradient?: DefenseGradient;
  /** Of a defense that searches for vectors: what an attacker can search too. */
  readonly manifold?: Manifold;
}
