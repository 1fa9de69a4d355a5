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
export { generatorDefense } from "./generator.ts";
export { identityDefense } from "./identity.ts";
export { jpegDefense } from "./jpeg.ts";
export { randomResizePadDefense, type RandomResizePadSettings } from "./random_resize_pad.ts";
export type { DefenseSettings } from "../preset.ts";
export { createDefense, defenses, definitionOf, resolveDefense } from "./table.ts";
