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
import { adaptedOptions, asOnnxModel, type KnownAdapter } from "@realign/interop";
import { adversarialTrainings } from "./adversarial.ts";
import { lossValues } from "./loss_values.ts";
import { auxiliaryWeight } from "./models/mod.ts";
import { createOnnxSegmenter } from "./models/onnx_segmenter.ts";
import { published } from "./paper_results.ts";
import { publishedRivals } from "./paper_rivals.ts";
import { segmentationAttacks } from "./attacks.ts";
import { presets } from "./presets.ts";
import { suites } from "./suites.ts";
import { createSegmentation } from "./task.ts";

export * from "./adversarial.ts";
export * from "./attacks.ts";
export * from "./ddcat.ts";
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

/** What a model file can be told of. */
const adapter: KnownAdapter = {
  outputs: ["logits", "features"],
  options: { alignment: ["corners", "edges"] },
};

/** The plugin. */
const segmentation: Plugin = {
  name: "segmentation",
  apiVersion: 1,
  annotation: "labelMap",
  presets,
  lossValues,
  adversarialTrainings,
  published,
  publishedRivals,
  suites,
  attacks: segmentationAttacks,
  takesModels: true,
  createTask: ({ target, dataset, evaluation }, classNames, model) => {
    const task = createSegmentation({
      classNames,
      cropSize: dataset.size,
      window: evaluation.window,
      imageSize: target.size,
      // A model file has no auxiliary head.
      auxiliaryWeight: model ? 0 : auxiliaryWeight(target.architecture),
      normalization: target.normalization,
    });
    if (!model) return task;
    const options = adaptedOptions(target, adapter, classNames, model.origin);
    return { ...task, createTarget: () => createOnnxSegmenter(asOnnxModel(model), options) };
  },
};

export default segmentation;
