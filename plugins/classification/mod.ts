/**
 * Image classification for Realign: WideResNets, ResNet-50 and CIFAR ResNets as target models,
 * accuracy, and presets for the synthetic shapes, CIFAR-10, CIFAR-100 and 64x64 ImageNet.
 *
 * @example Usage
 * ```ts
 * import classification from "@realign/classification";
 * import assert from "node:assert/strict";
 *
 * const preset = classification.presets["cls-cifar10"];
 * const task = classification.createTask(preset, ["cat", "dog"]);
 * assert.equal(task.classCount, 2);
 * assert.equal(preset.target.architecture, "wrn-34-10");
 * ```
 *
 * @module
 */
import type { Plugin } from "@realign/core";
import { adaptedOptions, asOnnxModel, type KnownAdapter } from "@realign/interop";
import { lossValues } from "./loss_values.ts";
import { createOnnxClassifier } from "./models/onnx_classifier.ts";
import { published } from "./paper_results.ts";
import { publishedRivals } from "./paper_rivals.ts";
import { presets } from "./presets.ts";
import { suites } from "./suites.ts";
import { createClassification } from "./task.ts";

export * from "./loss_values.ts";
export * from "./metric.ts";
export * from "./models/mod.ts";
export * from "./models/onnx_classifier.ts";
export * from "./presets.ts";
export * from "./suites.ts";
export * from "./task.ts";

/** What a model file can be told of. */
const adapter: KnownAdapter = { outputs: ["logits", "features"] };

/** The plugin. */
const classification: Plugin = {
  name: "classification",
  apiVersion: 1,
  presets,
  lossValues,
  published,
  publishedRivals,
  suites,
  takesModels: true,
  createTask: ({ target }, classNames, model) => {
    const task = createClassification(classNames, target.size, target.normalization);
    if (!model) return task;
    const options = adaptedOptions(target, adapter, classNames, model.origin);
    return { ...task, createTarget: () => createOnnxClassifier(asOnnxModel(model), options) };
  },
};

export default classification;
