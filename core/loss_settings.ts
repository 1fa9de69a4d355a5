/**
 * The settings of a preset's losses.
 *
 * @module
 */

/** What x̂^a is pulled to. */
export type PixelTarget = "intermediate" | "adversarial" | "clean";

/** The rows of Table 1. */
export type LossSetting = "full" | "L_I" | "L_F" | "L_I+F" | "L_T" | "L_T+F";

/** One weight for each term of L_g (Eq. 9 and 10); 0 skips the term. */
export interface LossWeights {
  /** λ4, L_r of Eq. 1. @origin Eq. 1 and 10; the value is ours */
  readonly reconstruction: number;
  /** λ5, L_p of Eq. 2. @origin Eq. 2 and 10; the value is ours */
  readonly perceptual: number;
  /** λ6, L_GANg of Eq. 3. @origin Eq. 3 and 10; the value is ours */
  readonly adversarial: number;
  /** λ7, L_m of Eq. 4. @origin Eq. 4 and 10; the value is ours */
  readonly featureMatching: number;
  /** λ8, L_Feat of Eq. 5 (Eq. 10 calls it L_Ftask). @origin Eq. 5 and 10; the value is ours */
  readonly task: number;
  /** λ9, L_Frec of Eq. 6. @origin Eq. 6 and 10; the value is ours */
  readonly featureReconstruction: number;
  /** λ1, L_Falign of Eq. 7. @origin Eq. 7 and 9; the value is ours */
  readonly classAlign: number;
  /** λ2, L_Finter of Eq. 8. @origin Eq. 8 and 9; the value is ours */
  readonly classInter: number;
  /** λ3, L_Fintra of Eq. 8. @origin Eq. 8 and 9; the value is ours */
  readonly classIntra: number;
}

/** The terms whose gradient does not flow into x̂^c as a pixel target. */
export type StopGradient =
  /** Into neither: both L_r and L_p pull x̂^c to x̂^a too. */
  | "none"
  /** Of L_p alone: the authors' code. */
  | "perceptual"
  /** Of L_r and L_p: ours. */
  | "all";

/** Settings of the losses. */
export interface LossSettings {
  /** Which terms are computed, as a row of Table 1: those of images (L_I), of features (L_F), or all. @origin Table 1 */
  readonly setting: LossSetting;
  /**
   * The target of x̂^a in Eq. 1 and 2: x̂^c ("intermediate"), x^a ("adversarial"), or x^c, the traditional
   * constraint of L_T ("clean"). @origin section 3.1, Fig. 3 and A.3; Eq. 1 and 2 print x^a
   */
  readonly pixelTarget: PixelTarget;
  /** Terms whose gradient does not flow into the pixel target ("intermediate" only). @origin ours */
  readonly stopGradient: StopGradient;
  /**
   * ‖·‖ of Eq. 1 and 2, which the paper leaves open. "absolute" has the same gradient for a small difference
   * as for a large one, so pulling x̂^a to x̂^c keeps G from learning detail; "squared" does not. @origin ours
   */
  readonly pixelDistance: "absolute" | "squared";
  readonly weights: LossWeights;
  /**
   * What L_o of x̂^c counts in L_Feat (Eq. 5), beside 1 for x̂^a; less than 1 favours robustness. @default 1
   * @origin Eq. 5
   */
  readonly cleanWeight?: number;
  /** M of Eq. 8, in the units of the mean absolute difference between class centres. @origin Eq. 8; the value is ours */
  readonly margin: number;
  /** Eq. 8's inter-class term: hinge max(0, M - d), or literal M - d, unbounded below. @origin ours; Eq. 8 is literal */
  readonly interClass: "hinge" | "literal";
  /** Class terms summed over the classes in the batch, as printed, or averaged over them. @origin ours; Eq. 7 and 8 sum */
  readonly classReduction: "sum" | "mean";
  /**
   * L_Fintra (Eq. 8) as a term of each class, or as one mean over all rows, each counted once, which `classReduction`
   * leaves alone: the authors' code in segmentation. @default {"classes"} @origin Eq. 8
   */
  readonly intraReduction?: "classes" | "rows";
  /**
   * z of Eq. 6 to 8, by the names in the task's `features`. "penultimate", which every task has, is what the paper
   * says: the input of O's last layer, or of detection's heads; the authors' code takes "logits" (classification,
   * segmentation) or "cells" (detection). @default {"penultimate"} @origin section 3.2
   */
  readonly features?: string;
  /**
   * z of Eq. 6 alone: the rows of `features`, or the whole map that they are taken from, whatever the labels: the
   * authors' code in detection. @default {"rows"} @origin Eq. 6
   */
  readonly reconstructionFeatures?: "rows" | "map";
  /**
   * Rows without a class left out, or one more class and part of L_Frec, as in the authors' code for segmentation.
   * @default {"skip"} @origin ours
   */
  readonly ignored?: "skip" | "class";
  /**
   * The image that z^c is computed from: x^c, or x^c resized to G's size and back, as in the authors' code.
   * @default {"loaded"} @origin Eq. 6
   */
  readonly cleanFeatures?: "loaded" | "round-trip";
  /**
   * The size at which L_r, L_p and D see images, where G's is not the dataset's: after G's output is resized back,
   * or before, as in the authors' code. @default {"dataset"} @origin ours
   */
  readonly at?: "dataset" | "generator";
}
