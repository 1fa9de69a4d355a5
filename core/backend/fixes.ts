/**
 * Corrections of gradients that TensorFlow.js 4.22 has wrong or lacks, on every backend.
 *
 * @module
 */
import * as tf from "../tf.ts";
import {
  backendGradients,
  type ConvGeometry,
  type ResizeGeometry,
} from "./gradients/backend_gradients.ts";
import { absGradient, leakyReluGradient, reluGradient } from "./gradients/activations.ts";
import { avgPoolGradient } from "./gradients/avg_pool.ts";
import {
  batchedMatMulGradient,
  comparisonGradient,
  extremumGradient,
  squaredDifferenceGradient,
} from "./gradients/broadcasting.ts";
import { generalConvGradients, padFirst } from "./gradients/convolution.ts";
import { mirrorPadGradient } from "./gradients/mirror_pad.ts";
import { resizeBilinearGradient, resizeNearestNeighborGradient } from "./gradients/resize.ts";
import { asExactAsProduct } from "./precision.ts";

export {
  type BackendGradients,
  type ConvGeometry,
  type ResizeGeometry,
  type ResizeGradient,
  setBackendGradients,
} from "./gradients/backend_gradients.ts";

const comparisons = [tf.Greater, tf.Less, tf.LessEqual, tf.Equal, tf.NotEqual];

let applied = false;

/**
 * Corrects the gradients that stock TensorFlow.js 4.22 has wrong, for all backends and the whole
 * process. A second call does nothing.
 *
 * | operation | stock behaviour |
 * |---|---|
 * | `mirrorPad` | what was mirrored is dropped |
 * | `image.resizeBilinear` | `halfPixelCenters` ignored; cpu fails on images that are not square |
 * | `image.resizeNearestNeighbor` | `halfPixelCenters` ignored; cpu wrong |
 * | `maximum`, `minimum`, `squaredDifference` | throw where an operand is stretched |
 * | `matMul` | throws where a batch axis is stretched |
 * | `conv2d`, dilated | throws |
 * | `conv2d`, padded explicitly | throws on the tensorflow backend |
 * | `avgPool`, padded | too small at the border, except on the tensorflow backend |
 * | `relu`, `leakyRelu`, `abs` | right, but slow on the tensorflow backend; -1 for `abs` at 0 |
 * | `greater`, `less`, `lessEqual`, `equal`, `notEqual` | throw; their gradient is 0 |
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { applyGradientFixes } from "@realign/core/backend";
 * import * as tf from "@realign/core/tf";
 *
 * await tf.setBackend("cpu");
 * applyGradientFixes();
 * const padded = (x: tf.Tensor) => tf.mirrorPad(x, [[1, 1]], "reflect");
 * const gradient = tf.grad((x) => tf.sum(padded(x)))(tf.tensor1d([1, 2, 3]));
 * assert.deepEqual([...gradient.dataSync()], [1, 3, 1]);
 * ```
 */
export function applyGradientFixes(): void {
  if (applied) return;
  applied = true;
  replaceGradient(tf.MirrorPad, ["x"], mirrorPad);
  replaceGradient(tf.ResizeBilinear, ["images"], resize("resizeBilinear", resizeBilinearGradient));
  replaceGradient(
    tf.ResizeNearestNeighbor,
    ["images"],
    resize("resizeNearestNeighbor", resizeNearestNeighborGradient),
  );
  replaceGradient(tf.Maximum, ["a", "b"], extremumGradient(tf.greaterEqual));
  replaceGradient(tf.Minimum, ["a", "b"], extremumGradient(tf.lessEqual));
  replaceGradient(tf.SquaredDifference, ["a", "b"], squaredDifferenceGradient);
  replaceGradient(
    tf.BatchMatMul,
    ["a", "b"],
    asExactAsProduct(batchedMatMulGradient(tf.getGradient(tf.BatchMatMul).gradFunc)),
  );
  replaceGradient(tf.Conv2D, ["x", "filter"], conv2d(tf.getGradient(tf.Conv2D).gradFunc));
  replaceGradient(tf.AvgPool, ["x"], avgPoolGradient(tf.getGradient(tf.AvgPool).gradFunc));
  replaceGradient(tf.Relu, [], reluGradient, true);
  replaceGradient(tf.LeakyRelu, ["x"], leakyReluGradient);
  replaceGradient(tf.Abs, ["x"], absGradient);
  for (const comparison of comparisons) replaceGradient(comparison, ["a", "b"], comparisonGradient);
}

function replaceGradient(
  kernelName: string,
  inputsToSave: string[],
  gradFunc: tf.GradFunc,
  savesOutput = false,
): void {
  if (tf.getGradient(kernelName)) tf.unregisterGradient(kernelName);
  tf.registerGradient({ kernelName, inputsToSave, outputsToSave: [savesOutput], gradFunc });
}

const mirrorPad: tf.GradFunc = (dy, _, attributes) => {
  const paddings = attributes.paddings as [number, number][];
  const mode = attributes.mode as "reflect" | "symmetric";
  const gradient = backendGradients(tf.getBackend()).mirrorPad ?? mirrorPadGradient;
  return { x: () => gradient(dy as tf.Tensor, paddings, mode) };
};

function resize(
  name: "resizeBilinear" | "resizeNearestNeighbor",
  general: typeof resizeBilinearGradient,
): tf.GradFunc {
  return (dy, [images], attributes) => {
    const gradient = backendGradients(tf.getBackend())[name] ?? general;
    return {
      images: () =>
        gradient(dy as tf.Tensor4D, images as tf.Tensor4D, attributes as unknown as ResizeGeometry),
    };
  };
}

function conv2d(stock: tf.GradFunc): tf.GradFunc {
  return (dy, saved, attributes) => {
    const [input, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
    const geometry: ConvGeometry = {
      strides: pair(attributes.strides as number | [number, number]),
      dilations: pair(attributes.dilations as number | [number, number]),
      pad: attributes.pad as ConvGeometry["pad"],
    };
    const dilated = geometry.dilations.some((dilation) => dilation !== 1);
    const explicit = typeof geometry.pad !== "string";
    if (!(dilated || explicit) || attributes.dataFormat !== "NHWC") {
      return stock(dy, saved, attributes);
    }
    const own = backendGradients(tf.getBackend()).conv2d ?? generalConvGradients;
    const gradients = dilated && explicit ? padFirst(own) : own;
    return {
      x: () => gradients.input(dy as tf.Tensor4D, filter, input.shape, geometry),
      filter: () => gradients.filter(input, dy as tf.Tensor4D, filter.shape, geometry),
    };
  };
}

function pair(value: number | [number, number]): [number, number] {
  return typeof value === "number" ? [value, value] : value;
}
