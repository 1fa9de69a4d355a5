/**
 * The paper's losses, Eq. 1 to 10: each on its own, and all of them weighted.
 *
 * @module
 */
export * from "./adversarial.ts";
export * from "./class_groups.ts";
export * from "./distance.ts";
export * from "./feature.ts";
export * from "./portions.ts";
export * from "./pixel.ts";
export * from "./setting.ts";
export * from "./total.ts";
