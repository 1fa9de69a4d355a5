/**
 * The shape of a preset's losses.
 *
 * @module
 */
import { z } from "zod";

/** A term's weight; beyond this single-precision sums of losses and gradients overflow. */
export const weight = z.number().min(0).max(1e6);

const weights = z.strictObject({
  reconstruction: weight,
  perceptual: weight,
  adversarial: weight,
  featureMatching: weight,
  task: weight,
  featureReconstruction: weight,
  classAlign: weight,
  classInter: weight,
  classIntra: weight,
});

/** Everything of `losses`. */
export const losses = z.strictObject({
  setting: z.enum(["full", "L_I", "L_F", "L_I+F", "L_T", "L_T+F"]),
  pixelTarget: z.enum(["intermediate", "adversarial", "clean"]),
  stopGradient: z.enum(["none", "perceptual", "all"]),
  pixelDistance: z.enum(["absolute", "squared"]),
  weights,
  cleanWeight: weight.optional(),
  margin: weight,
  interClass: z.enum(["hinge", "literal"]),
  classReduction: z.enum(["sum", "mean"]),
  intraReduction: z.enum(["classes", "rows"]).optional(),
  features: z.string().min(1).optional(),
  reconstructionFeatures: z.enum(["rows", "map"]).optional(),
  ignored: z.enum(["skip", "class"]).optional(),
  cleanFeatures: z.enum(["loaded", "round-trip"]).optional(),
  at: z.enum(["dataset", "generator"]).optional(),
});
