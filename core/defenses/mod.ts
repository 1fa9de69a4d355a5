/**
 * Defenses: what changes images before the target model sees them.
 *
 * @module
 */
export * from "./compose.ts";
export * from "./defense.ts";
export * from "./generator.ts";
export * from "./identity.ts";
export * from "./jpeg.ts";
