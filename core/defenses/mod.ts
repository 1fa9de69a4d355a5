/**
 * Defenses: what changes images before the target model sees them.
 *
 * @module
 */
export { composeDefenses } from "./compose.ts";
export type { Defense, DefenseGradient } from "./defense.ts";
export {
  type DefenseDefinition,
  type DefenseKit,
  type DefenseRole,
  defineDefense,
  type JpegRoundTrip,
  type RestoringGenerator,
} from "./definition.ts";
export { freezeDefense } from "./frozen.ts";
export { generatorDefense } from "./generator.ts";
export { type GradientKind, gradientKind, gradientOf, isRandom } from "./gradient_of.ts";
export { identityDefense } from "./identity.ts";
export { jpegDefense, type JpegStandIn } from "./jpeg.ts";
export {
  createLatentSearch,
  type LatentModel,
  type LatentSearch,
  type LatentSearchSettings,
} from "./latent_search.ts";
export { latentSearchDefense } from "./latent_search_defense.ts";
export { quantizationDefense } from "./quantization.ts";
export { randomResizePadDefense, type RandomResizePadSettings } from "./random_resize_pad.ts";
export { softJpeg } from "./soft_jpeg.ts";
export type { DefenseSettings } from "../preset.ts";
export { createDefense, defenses, definitionOf, resolveDefense } from "./table.ts";
