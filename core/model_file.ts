/**
 * Models that were made elsewhere, in the place of an architecture: what is said of their files, and which targets have
 * weights of their own. Reading the files is others' work.
 *
 * @module
 */

/** A model that was read from a file. Tasks that take one know what else it holds. */
export interface ImportedModel {
  /** Named in errors and titles, e.g. "resnet18.onnx". */
  readonly origin: string;
  /** SHA-256 of all that was read, in hexadecimal. */
  readonly digest: string;
}

/** How a target's model file is read: what the file does not say, or what is guessed wrongly. */
export interface AdapterSettings {
  /**
   * Names of the file's values by what they are to the task: `logits` and `features` of a classifier or a segmenter.
   * @default what `realign inspect` finds @origin ours
   */
  readonly outputs?: Readonly<Record<string, string>>;
  /** Order of an image's sides: channels first, or last. @default as the shape of the file's input says @origin ours */
  readonly layout?: "nchw" | "nhwc";
  /** Order of an image's channels. `normalization` is of red, green and blue all the same. @default {"rgb"} @origin ours */
  readonly channels?: "rgb" | "bgr";
  /**
   * Names of all classes of the file, in its order: its logits are put into the order of the dataset's classes, which must
   * be among them. @default the dataset's @origin ours
   */
  readonly classNames?: readonly string[];
  /** What the task must know of the file besides. @default none @origin ours */
  readonly options?: Readonly<Record<string, string | number | boolean>>;
  /**
   * SHA-256 of the file, and of what lies beside it: another file is refused. It is set when the file is chosen.
   * @default any file @origin ours
   */
  readonly digest?: string;
}

/** Endings of model files: ONNX, and TensorFlow.js. */
const MODEL_FILE = /\.(onnx|json)$/i;

/**
 * Whether a target's architecture is a model file in place of a name that its task knows.
 *
 * @param architecture As a preset has it
 *
 * @example Usage
 * ```ts
 * import { isModelFile } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(["resnet20", "models/resnet18.onnx"].map(isModelFile), [false, true]);
 * ```
 */
export function isModelFile(architecture: string): boolean {
  return MODEL_FILE.test(architecture);
}

/**
 * Whether a target's weights are given, so that it is not trained: by a file of weights, or by a model file.
 *
 * @param target As a preset has it, or `presetOn` makes it
 *
 * @example Usage
 * ```ts
 * import { hasWeights } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * assert.equal(hasWeights({ architecture: "resnet20", weights: "" }), false);
 * assert.equal(hasWeights({ architecture: "resnet18.onnx", weights: "" }), true);
 * ```
 */
export function hasWeights(
  { architecture, weights }: { readonly architecture: string; readonly weights: string },
): boolean {
  return weights !== "" || isModelFile(architecture);
}
