/**
 * Defenses: what changes images before the target model sees them.
 *
 * @module
 */
export { answerBehind } from "./behind.ts";
export { bicubicDefense, type DoubledOutput } from "./bicubic.ts";
export { boundedNoiseDefense, type BoundedNoiseSettings } from "./bounded_noise.ts";
export { composeDefenses } from "./compose.ts";
export type { Defense, DefenseGradient, Manifold } from "./defense.ts";
export {
  type DefenseDefinition,
  type DefenseKit,
  type DefenseRole,
  defineDefense,
  type JpegRoundTrip,
  type RestoringGenerator,
} from "./definition.ts";
export {
  type DistilledColour,
  featureDistillationDefense,
  type FeatureDistillationSettings,
  type FrequencyOrder,
} from "./feature_distillation.ts";
export { type Fit, fitOn, type Fitted, type Fitting, type TrainingImages } from "./fit.ts";
export { freezeDefense } from "./frozen.ts";
export { generatorDefense } from "./generator.ts";
export { type GradientKind, gradientKind, gradientOf, isRandom } from "./gradient_of.ts";
export { identityDefense } from "./identity.ts";
export { jpegDefense, type JpegStandIn } from "./jpeg.ts";
export {
  createLatentSearch,
  type FoundLatents,
  type LatentModel,
  type LatentSearch,
  type LatentSearchSettings,
} from "./latent_search.ts";
export { latentSearchDefense } from "./latent_search_defense.ts";
export { collectPatches, type PatchSettings } from "./patches.ts";
export { quantizationDefense } from "./quantization.ts";
export { quiltingDefense, type QuiltingSettings } from "./quilting.ts";
export {
  randomResizePadDefense,
  type RandomResizePadSettings,
  type ResizeMode,
} from "./random_resize_pad.ts";
export { softJpeg } from "./soft_jpeg.ts";
export { tiledDefense } from "./tiled.ts";
export { cutTiles, joinTiles, type TileGrid, tileGrid, type TileSettings } from "./tiles.ts";
export { type DroppedUnit, tvmDefense, type TvmSettings } from "./tvm.ts";
export type { DefenseSettings } from "../preset.ts";
export { createDefense, defenses, definitionOf, resolveDefense } from "./table.ts";
