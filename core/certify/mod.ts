/**
 * Certificates: L2 radii that no attack can break, by randomised smoothing.
 *
 * @module
 */
export {
  type Certificate,
  certificateOf,
  largestRadius,
  type SmoothingSettings,
} from "./certificate.ts";
export {
  type CertifiedAccuracy,
  certifiedAccuracy,
  certifiedRadius,
  type CertifiedShare,
  type JudgedCertificate,
} from "./certified_accuracy.ts";
export { type CertifiedImage, certifyImage } from "./certify.ts";
export {
  type ClassCounter,
  type ClassCounterParts,
  createClassCounter,
  smoothingRefusal,
} from "./class_counts.ts";
export { clopperPearsonLower } from "./clopper_pearson.ts";
export { normalQuantile } from "./normal_quantile.ts";
