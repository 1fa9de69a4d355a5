/**
 * Segmenters from ONNX files.
 *
 * @module
 */
import type { TargetModel } from "@realign/core";
import {
  createOnnxTarget,
  type OnnxModel,
  type OnnxTargetOptions,
  refuseModel,
  suggestAdapter,
  takeColumns,
} from "@realign/interop";
import { type Alignment, resizeMap } from "./head.ts";
import type { SegmentationOutput } from "./network.ts";

/** What an ONNX file does not say of a segmenter, or what is guessed wrongly. */
export interface OnnxSegmenterOptions extends OnnxTargetOptions {
  /** Name of the value `[B, K, h, w]`. Default: the first output */
  readonly logits?: string;
  /** Name of the features' map. Default: what the last convolution before the logits takes */
  readonly features?: string;
  /**
   * How logits smaller than the images come to their size: pixels' corners fit, as in PyTorch, or centres of the corner
   * pixels do. @default {"edges"}
   */
  readonly alignment?: Alignment;
}

const KIND = "a segmenter";

/**
 * Makes an ONNX model a target. It is frozen: what it would need for a training no file holds. Other outputs, such as
 * an auxiliary head's, are not computed. A label map is no output to attack: name the logits that it is made of.
 *
 * @param model What `readOnnx` of `@realign/interop` read
 * @param options What the file does not say
 * @returns The segmenter, to be disposed of by the caller. Called for a training it throws a TypeError
 * @throws {RangeError} If the size or the features are neither told nor in the file, or a class or a value is not there
 * @throws {Error} If operators of the model are not here
 *
 * @example Usage
 * ```ts
 * import { createOnnxSegmenter } from "@realign/segmentation";
 * import { ONNX, readOnnx } from "@realign/interop";
 * import { writeMessage } from "@realign/interop/wire";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const bytes = writeMessage(ONNX, "Model", {
 *   opsets: [{ version: 17 }],
 *   graph: {
 *     nodes: [
 *       { operator: "Relu", inputs: ["images"], outputs: ["map"] },
 *       { operator: "Conv", inputs: ["map", "w"], outputs: ["scores"] },
 *     ],
 *     initializers: [{ name: "w", dims: [2, 3, 1, 1], type: 1, floats: [1, 0, 0, 1, 1, 1] }],
 *     inputs: [{ name: "images" }],
 *     outputs: [{ name: "scores" }],
 *   },
 * });
 * const model = await readOnnx(bytes, { origin: "colours.onnx" });
 * using segmenter = createOnnxSegmenter(model, {
 *   size: [8, 8],
 *   classNames: ["red", "any"],
 *   classes: ["any", "red"],
 * });
 * const { logits, features } = segmenter.forward(tf.ones([4, 16, 16, 3]));
 * assert.deepEqual([logits.shape, features.shape], [[4, 8, 8, 2], [4, 8, 8, 3]]);
 * assert.deepEqual([...logits.dataSync().slice(0, 2)], [3, 1]);
 * ```
 */
export function createOnnxSegmenter(
  model: OnnxModel,
  options: OnnxSegmenterOptions = {},
): TargetModel<SegmentationOutput> {
  const { logits, features: found } = suggestAdapter(model, options.logits);
  const { features = found, alignment = "edges" } = options;
  if (features === undefined) {
    return refuseModel(model, KIND, "no layer of it has weights: set features");
  }
  return createOnnxTarget(model, {
    kind: KIND,
    facts: { alignment },
    outputs: [logits, features],
    read(values) {
      const scores = values.map(logits);
      const chosen = takeColumns(scores, values.columns(scores.shape[3]));
      return {
        logits: resizeMap(chosen, values.size, alignment),
        features: values.map(features),
      };
    },
  }, options);
}
