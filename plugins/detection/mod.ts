/**
 * Object detection for Realign: SSD300 and RFBNet300 over VGG-16 and smaller variants as target models,
 * the MultiBox loss and its parts as attack objectives, mean average precision, and presets for synthetic shapes,
 * VOC 2007 + 2012 and BCCD.
 *
 * @example Usage
 * ```ts
 * import detection from "@realign/detection";
 * import assert from "node:assert/strict";
 *
 * const preset = detection.presets["det-voc0712"];
 * const task = detection.createTask(preset, ["cat", "dog"]);
 * assert.equal(task.classCount, 2);
 * assert.equal(preset.attack.epsilon, 8 / 255);
 * ```
 *
 * @module
 */
import type { Plugin } from "@realign/core";
import { adaptedOptions, asOnnxModel, type KnownAdapter } from "@realign/interop";
import { adversarialTrainings } from "./adversarial.ts";
import { lossValues } from "./loss_values.ts";
import { published } from "./paper_results.ts";
import { publishedRivals } from "./paper_rivals.ts";
import { attacks } from "./attacks.ts";
import { presets } from "./presets.ts";
import { suites } from "./suites.ts";
import { createOnnxDetector } from "./models/onnx_detector.ts";
import { createDetection } from "./task.ts";

export * from "./adversarial.ts";
export type { AveragePrecisionOptions, Protocol } from "./average_precision.ts";
export type { BoxAnnotation, DetectionLabels } from "./labels.ts";
export * from "./loss_values.ts";
export * from "./metric.ts";
export type { AnchorSettings } from "./models/anchors.ts";
export * from "./models/mod.ts";
export type { BoxSettings } from "./models/onnx_boxes.ts";
export * from "./models/onnx_detector.ts";
export type { ScoreSettings } from "./models/onnx_scores.ts";
export {
  type Detection,
  findBoxes,
  type PostProcessing,
  type RawDetections,
} from "./post_process.ts";
export * from "./presets.ts";
export * from "./suites.ts";
export * from "./task.ts";

/** What a model file can be told of. */
const adapter: KnownAdapter = {
  outputs: ["scores", "boxes", "objectness", "priors", "features"],
  options: {
    activation: ["softmax", "sigmoid", "none"],
    background: ["first", "last", "none"],
    coding: ["offsets", "centres", "corners", "distances"],
    unit: ["pixels", "shares", "strides"],
    variances: "text",
    priorCoding: ["corners", "centres"],
    priorUnit: ["pixels", "shares"],
    anchors: "text",
    anchorSizes: "text",
    anchorRatios: "text",
    anchorStrides: "text",
    anchorOffset: "number",
    anchorRounding: "flag",
  },
};

/** The plugin. */
const detection: Plugin = {
  name: "detection",
  apiVersion: 1,
  annotation: "boxes",
  presets,
  lossValues,
  adversarialTrainings,
  published,
  publishedRivals,
  suites,
  attacks,
  takesModels: true,
  createTask: ({ target }, classNames, model) => {
    const { size: imageSize, normalization } = target;
    const task = createDetection(classNames, { imageSize, normalization });
    if (!model) return task;
    const options = adaptedOptions(target, adapter, classNames, model.origin);
    return { ...task, createTarget: () => createOnnxDetector(asOnnxModel(model), options) };
  },
};

export default detection;
