/**
 * The paper's losses, Eq. 1 to 10: each on its own, and all of them weighted.
 *
 * @module
 */
export * from "./adversarial.ts";
export * from "./class_groups.ts";
export * from "./distance.ts";
export * from "./feature.ts";
export * from "./feature_terms.ts";
export * from "./pixel.ts";
export * from "./pixel_terms.ts";
export * from "./portions.ts";
export * from "./setting.ts";
export { type FeatureTerm, generatorLoss, type LossTerms, type PixelTerm } from "./total.ts";
