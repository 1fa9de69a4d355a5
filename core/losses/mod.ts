/**
 * The paper's losses, Eq. 1 to 10: each one, and their weighted sum; and those of adversarial trainings of O.
 *
 * @module
 */
export {
  adversarialLoss,
  discriminatorLoss,
  type DiscriminatorMaps,
  featureMatchingLoss,
} from "./adversarial.ts";
export { classCentres, type ClassGroups, groupByClass } from "./class_groups.ts";
export {
  absolute,
  meanAbsoluteDifference,
  meanSquaredDifference,
  stopGradient,
} from "./distance.ts";
export {
  classAlignLoss,
  classInterLoss,
  classIntraLoss,
  type ClassSettings,
  featureReconstructionLoss,
  type InterClassSettings,
  type IntraClassSettings,
} from "./feature.ts";
export {
  extractorOf,
  type FeatureExtractor,
  type FeatureSource,
  mapOf,
} from "./features_by_name.ts";
export { featureLosses, type FeatureLossInputs } from "./feature_terms.ts";
export { attackedRows, lastRows, withLastAttacked } from "./mixed_batch.ts";
export type {
  ImagePair,
  PairLoss,
  PairLossParts,
  PairLossTask,
  StartedPairLoss,
} from "./pair_loss.ts";
export {
  perceptualLoss,
  type PixelParts,
  type PixelSettings,
  reconstructionLoss,
} from "./pixel.ts";
export {
  discriminatorLosses,
  type DiscriminatorLossInputs,
  pixelLosses,
  type PixelLossInputs,
} from "./pixel_terms.ts";
export { PENULTIMATE, type ResolvedLosses, resolveLosses } from "./setting.ts";
export { type FeatureTerm, generatorLoss, type LossTerms, type PixelTerm } from "./total.ts";
export { tradesLoss } from "./trades.ts";
