/**
 * Object detection for Realign: SSD300 and RFBNet300 over VGG-16 and their smaller kin as target models.
 *
 * @module
 */
export type { BoxAnnotation, DetectionLabels } from "./labels.ts";
export * from "./models/mod.ts";
export * from "./post_process.ts";
export * from "./presets.ts";
