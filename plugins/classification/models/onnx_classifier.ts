/**
 * Classifiers from ONNX files.
 *
 * @module
 */
import type { TargetModel } from "@realign/core";
import * as tf from "@realign/core/tf";
import {
  createOnnxTarget,
  type OnnxModel,
  type OnnxTargetOptions,
  refuseModel,
  suggestAdapter,
  takeColumns,
} from "@realign/interop";
import type { ClassifierOutput } from "./network.ts";

/** What an ONNX file does not say of a classifier, or what is guessed wrongly. */
export interface OnnxClassifierOptions extends OnnxTargetOptions {
  /** Name of the value `[B, K]`. Default: the first output */
  readonly logits?: string;
  /** Name of the features' value. Default: what the last layer with weights takes */
  readonly features?: string;
}

const KIND = "a classifier";

/**
 * Makes an ONNX model a target. It is frozen: what it would need for a training no file holds. Features that are a
 * map or a sequence become their mean.
 *
 * @param model What `readOnnx` of `@realign/interop` read
 * @param options What the file does not say
 * @returns The classifier, to be disposed of by the caller. Called for a training it throws a TypeError
 * @throws {RangeError} If the size or the features are neither told nor in the file, or a value is not there
 * @throws {Error} If operators of the model are not here
 *
 * @example Usage
 * ```ts
 * import { createOnnxClassifier } from "@realign/classification";
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
 *       { operator: "GlobalAveragePool", inputs: ["images"], outputs: ["pooled"] },
 *       { operator: "Flatten", inputs: ["pooled"], outputs: ["flat"] },
 *       { operator: "Gemm", inputs: ["flat", "w"], outputs: ["scores"] },
 *     ],
 *     initializers: [{ name: "w", dims: [3, 2], type: 1, floats: [1, 0, 0, 1, 1, 1] }],
 *     inputs: [{ name: "images" }],
 *     outputs: [{ name: "scores" }],
 *   },
 * });
 * const model = await readOnnx(bytes, { origin: "means.onnx" });
 * using classifier = createOnnxClassifier(model, { size: [8, 8] });
 * const { logits, features } = classifier.forward(tf.ones([4, 16, 16, 3]));
 * assert.deepEqual([logits.shape, features.shape], [[4, 2], [4, 3]]);
 * ```
 */
export function createOnnxClassifier(
  model: OnnxModel,
  options: OnnxClassifierOptions = {},
): TargetModel<ClassifierOutput> {
  const { logits, features: found } = suggestAdapter(model, options.logits);
  const { features = found } = options;
  if (features === undefined) {
    return refuseModel(model, KIND, "no layer of it has weights: set features");
  }
  return createOnnxTarget(model, {
    kind: KIND,
    outputs: [logits, features],
    read(values) {
      const scores = values.get(logits);
      if (scores.rank !== 2) {
        const shape = scores.shape.join(", ");
        refuseModel(model, KIND, `"${logits}" must be [B, K]: current shape is [${shape}]`);
      }
      return {
        logits: takeColumns(scores as tf.Tensor2D, values.columns(scores.shape[1]!)),
        features: pooled(values.get(features)),
      };
    },
  }, options);
}

/** A vector an image: the mean of a map `[B, D, h, w]` or of a sequence `[B, N, D]`. */
function pooled(features: tf.Tensor): tf.Tensor2D {
  if (features.rank === 2) return features as tf.Tensor2D;
  if (features.rank === 3) return tf.mean(features, 1);
  return tf.mean(features, [2, 3]) as tf.Tensor2D;
}
