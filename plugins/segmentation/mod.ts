/**
 * Semantic segmentation for Realign: PSPNet and DeepLabv3 as target models, mean IoU, dense attacks,
 * and presets for the synthetic shapes, Cityscapes, VOC2012 and CamVid.
 *
 * @example Usage
 * ```ts
 * import segmentation from "@realign/segmentation";
 * import assert from "node:assert/strict";
 *
 * const preset = segmentation.presets["seg-cityscapes"];
 * const task = segmentation.createTask(preset, ["road", "sky"]);
 * assert.equal(task.classCount, 2);
 * assert.equal(preset.target.architecture, "pspnet-resnet50");
 * ```
 *
 * @module
 */
import type { Plugin } from "@realign/core";
import { adversarialTrainings } from "./adversarial.ts";
import { lossValues } from "./loss_values.ts";
import { auxiliaryWeight } from "./models/mod.ts";
import { published } from "./paper_results.ts";
import { segmentationAttacks } from "./attacks.ts";
import { presets } from "./presets.ts";
import { suites } from "./suites.ts";
import { createSegmentation } from "./task.ts";

export * from "./adversarial.ts";
export * from "./attacks.ts";
export * from "./dense_deepfool.ts";
export * from "./labels.ts";
export * from "./loss_values.ts";
export * from "./metric.ts";
export type { Alignment } from "./models/head.ts";
export * from "./models/mod.ts";
export * from "./models/onnx_segmenter.ts";
export * from "./objectives.ts";
export * from "./pixels.ts";
export * from "./presets.ts";
export * from "./sea.ts";
export * from "./suites.ts";
export * from "./task.ts";
export * from "./windows.ts";

/** The plugin. */
const segmentation: Plugin = {
  name: "segmentation",
  apiVersion: 1,
  annotation: "labelMap",
  presets,
  lossValues,
  adversarialTrainings,
  published,
  suites,
  attacks: segmentationAttacks,
  createTask: ({ target, dataset, evaluation }, classNames) =>
    createSegmentation({
      classNames,
      cropSize: dataset.size,
      window: evaluation.window,
      imageSize: target.size,
      auxiliaryWeight: auxiliaryWeight(target.architecture),
      normalization: target.normalization,
    }),
};

export default segmentation;
