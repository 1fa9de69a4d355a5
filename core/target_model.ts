/**
 * A target model.
 *
 * @module
 */
import type { Images } from "./dataset.ts";
import type { Normalization } from "./images.ts";
import type { Parameters } from "./weights/parameters.ts";

/** The defended network O. It resizes to its input size and normalises by itself. */
export interface TargetModel<O> extends Disposable {
  readonly name: string;
  /** The normalisation that a preset sets; absent for the architecture's own. */
  readonly normalization?: Normalization;
  /**
   * What else its outputs follow from, as a text: a model file's digest, and how the file is read. Part of the keys of
   * what is kept. Absent for an architecture of the task.
   */
  readonly source?: string;
  /** All weights, named as in published checkpoints. */
  readonly parameters: Parameters;
  /**
   * One forward pass that returns outputs and features; differentiable with respect to `images`.
   *
   * @param images `[B, H, W, 3]` in `[0, 1]`
   * @param mode "training" uses and updates batch statistics. Default: "inference"
   */
  forward(images: Images, mode?: "inference" | "training"): O;
  /**
   * `forward` in inference of images that are not resized, of any size: for defenses that change it. Absent where the
   * network takes one size only.
   */
  unresized?(images: Images): O;
  /**
   * Whether a weight is of the heads, which are all but the backbone: `target.train.headRate`. Absent where that is not
   * known.
   *
   * @param name Of the weight in `parameters`
   */
  isHead?(name: string): boolean;
}
