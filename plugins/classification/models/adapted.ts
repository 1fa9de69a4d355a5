/**
 * A preset's target from a model file.
 *
 * @module
 */
import type { Preset, TargetModel } from "@realign/core";
import { assertAdapter, type OnnxModel } from "@realign/interop";
import type { ClassifierOutput } from "./network.ts";
import { createOnnxClassifier } from "./onnx_classifier.ts";

/** What values of a file can be to a classifier. */
const OUTPUTS = ["logits", "features"];

/**
 * Makes a model the target that a preset says it is.
 *
 * @param model What was read of the file
 * @param target The preset's: size, normalization, adapter
 * @param classes Names of the data's classes
 * @returns The classifier; dispose it
 * @throws {RangeError} If the adapter names what there is not
 */
export function createAdapted(
  model: OnnxModel,
  { size, normalization, adapter = {} }: Preset["target"],
  classes: readonly string[],
): TargetModel<ClassifierOutput> {
  assertAdapter(adapter, { outputs: OUTPUTS }, model.origin);
  const { outputs, layout, channels, classNames } = adapter;
  const options = { size, normalization, layout, channels, classNames, classes };
  return createOnnxClassifier(model, { ...options, ...outputs });
}
