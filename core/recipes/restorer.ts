/**
 * The two networks of a recipe.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import type { Defense } from "../defenses/defense.ts";
import type * as tf from "../tf.ts";
import type { Parameters } from "../weights/parameters.ts";

/** How a network runs: "training" takes and moves batch statistics. */
export type Mode = "inference" | "training";

/** A network that restores images. */
export interface Restorer extends Disposable {
  readonly parameters: Parameters;
  /**
   * Restores a batch; differentiable.
   *
   * @param images `[B, H, W, 3]` in `[0, 1]`
   * @param mode In "inference", the default, an image's result does not depend on the others and lies in
   * `[0, 1]`; "training" uses and moves batch statistics, and clips nothing
   * @returns Images of the same shape
   */
  restore(images: Images, mode?: Mode): Images;
  /**
   * How images are restored where no pure function does it, but a search or a draw. `restore` is then a step's alone, of
   * whatever the recipe's `inputs` are. The caller disposes the defense.
   */
  createDefense?(): Defense & Disposable;
}

/** A network that tells restored images from clean ones. */
export interface Critic extends Disposable {
  readonly parameters: Parameters;
  /**
   * Scores a batch; differentiable.
   *
   * @param images `[B, H, W, 3]` in `[0, 1]`, more or less
   * @returns `[B, 1]`, the logit that an image is clean, by the statistics of the batch
   */
  score(images: Images): tf.Tensor2D;
}
