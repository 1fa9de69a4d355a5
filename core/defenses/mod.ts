/**
 * Defenses: what changes images before the target model sees them.
 *
 * @module
 */
export { boundedNoiseDefense, type BoundedNoiseSettings } from "./bounded_noise.ts";
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
export { quantizationDefense } from "./quantization.ts";
export { randomResizePadDefense, type RandomResizePadSettings } from "./random_resize_pad.ts";
export { softJpeg } from "./soft_jpeg.ts";
export type { DefenseSettings } from "../preset.ts";
export { createDefense, defenses, definitionOf, resolveDefense } from "./table.ts";
