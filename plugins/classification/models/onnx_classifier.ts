/**
 * Classifiers from ONNX files.
 *
 * @module
 */
import {
  type Images,
  type Normalization,
  normalizeImages,
  resizeImages,
  type TargetModel,
} from "@realign/core";
import * as tf from "@realign/core/tf";
import {
  type ImageLayout,
  type OnnxModel,
  placesOfClasses,
  prepareOnnx,
  suggestAdapter,
} from "@realign/interop";
import type { ClassifierOutput } from "./network.ts";

/** What an ONNX file does not say of a classifier, or what is guessed wrongly. */
export interface OnnxClassifierOptions {
  /**
   * What images in `[0, 1]` are normalised by. A model of pixels in [0, 255] has a mean of 0 and a deviation of 1 / 255.
   * Default: they go in as they are
   */
  readonly normalization?: Normalization;
  /** `[height, width]` of the model's input. Default: as the file says it */
  readonly size?: readonly [number, number];
  /** Name of the value `[B, K]`. Default: the first output, or what the softmax takes that ends it */
  readonly logits?: string;
  /** Name of the features' value. Default: what the last layer with weights takes */
  readonly features?: string;
  /** How the model takes images. Default: as its input's shape says */
  readonly layout?: ImageLayout;
  /** Order of its channels; the normalization is of red, green and blue all the same. Default: "rgb" */
  readonly channels?: "rgb" | "bgr";
  /** Names of the K classes of the file, in its order. Default: `classes` */
  readonly classNames?: readonly string[];
  /** Names of the classes that logits are wanted of, in this order. Default: all of the file */
  readonly classes?: readonly string[];
}

/**
 * Makes an ONNX model a target. It is frozen: what it would need for a training no file holds. Features that are a
 * map or a sequence become their mean.
 *
 * @param model What `readOnnx` of `@realign/interop` read
 * @param options What the file does not say
 * @returns The classifier, to be disposed of by the caller. Called for a training it throws a TypeError
 * @throws {RangeError} If the size or the features are neither told nor in the file, a value is not there, or a class
 * is not among the file's; when it is asked, if it has another number of classes
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
  const found = suggestAdapter(model);
  const { logits = found.logits, features = found.features, size = found.size, normalization } =
    options;
  const fail = (reason: string): never => {
    throw new RangeError(`Cannot use ${model.origin} as a classifier as ${reason}`);
  };
  if (size === undefined) return fail("its file does not say the size of its images: set size");
  if (features === undefined) return fail("no layer of it has weights: set features");
  const { channels = "rgb", classes, classNames = classes } = options;
  const places = classes && classNames && classNames !== classes
    ? placesOfClasses(classes, classNames, model.origin)
    : undefined;
  const network = prepareOnnx(model, { outputs: [logits, features], layout: options.layout });
  const answer = (images: Images, mode: string): ClassifierOutput => {
    if (mode === "training") {
      throw new TypeError(
        `Cannot train ${model.origin} as an ONNX model is frozen: train it elsewhere`,
      );
    }
    const normal = normalization ? normalizeImages(images, normalization) : images;
    const outputs = network.run(channels === "bgr" ? tf.reverse(normal, 3) : normal);
    const scores = outputs.get(logits)! as tf.Tensor2D;
    if (scores.rank !== 2) {
      return fail(`"${logits}" must be [B, K]: current shape is [${scores.shape.join(", ")}]`);
    }
    const [, count] = scores.shape;
    if (classNames && classNames.length !== count) {
      return fail(
        classNames === classes
          ? `"${logits}" has ${count} classes and the data ${classes.length}: name the model's in adapter.classNames`
          : `"${logits}" has ${count} classes: adapter.classNames has ${classNames.length}`,
      );
    }
    return {
      logits: places ? tf.gather(scores, tf.tensor1d(places, "int32"), 1) : scores,
      features: pooled(outputs.get(features)!),
    };
  };
  return {
    name: model.origin,
    normalization,
    source: JSON.stringify({
      digest: model.digest,
      ...{ logits, features, layout: network.layout, channels, places },
    }),
    parameters: network.parameters,
    forward: (images, mode = "inference") => answer(resizeImages(images, size), mode),
    // A file that says a size may need it.
    ...(found.size === undefined && { unresized: (images: Images) => answer(images, "inference") }),
    [Symbol.dispose]: () => network[Symbol.dispose](),
  };
}

/** A vector an image: the mean of a map `[B, D, h, w]` or of a sequence `[B, N, D]`. */
function pooled(features: tf.Tensor): tf.Tensor2D {
  if (features.rank === 2) return features as tf.Tensor2D;
  if (features.rank === 3) return tf.mean(features, 1);
  return tf.mean(features, [2, 3]) as tf.Tensor2D;
}
