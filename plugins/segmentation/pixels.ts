/**
 * From maps to rows of pixels, and from numbers a pixel to numbers an example.
 *
 * @module
 */
import type { LabelledFeatures } from "@realign/core";
import * as tf from "@realign/core/tf";
import type { Alignment } from "./models/head.ts";

/** Pixels of a batch in rows, example by example. */
export interface PixelRows {
  /** `[B h w, K]` */
  readonly logits: tf.Tensor2D;
  /** `[B h w]` int32; -1 marks a pixel that is ignored. */
  readonly labels: tf.Tensor1D;
  /** `[B, h w]`: 1 where a pixel counts, 0 where it is ignored. */
  readonly valid: tf.Tensor2D;
}

/** Of each of `count` places, the nearest of `size`. */
function nearest(size: number, count: number, alignment: Alignment): number[] {
  const last = size - 1;
  return Array.from({ length: count }, (_, index) => {
    if (alignment === "edges") return Math.min(last, Math.floor((index + 0.5) * size / count));
    return count === 1 ? 0 : Math.round(index * last / (count - 1));
  });
}

/**
 * Resizes labels to the nearest neighbour; classes are never mixed.
 *
 * @param labels `[B, H, W]` int32
 * @param size `[height, width]`
 * @param alignment "edges" for maps of the images' own extent, "corners" for maps whose first and last
 * pixels stand for the images' first and last ones
 * @returns `[B, height, width]` int32
 *
 * @example Usage
 * ```ts
 * import { resizeLabels } from "@realign/segmentation";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const labels = tf.tensor3d([[[0, 1, 2, 3]]], undefined, "int32");
 * assert.deepEqual([...resizeLabels(labels, [1, 2], "edges").dataSync()], [1, 3]);
 * assert.deepEqual([...resizeLabels(labels, [1, 2], "corners").dataSync()], [0, 3]);
 * ```
 */
export function resizeLabels(
  labels: tf.Tensor3D,
  size: readonly [number, number],
  alignment: Alignment,
): tf.Tensor3D {
  return size.reduce((resized, count, index) => {
    const axis = index + 1;
    if (resized.shape[axis] === count) return resized;
    const indices = tf.tensor1d(nearest(resized.shape[axis], count, alignment), "int32");
    return tf.gather(resized, indices, axis);
  }, labels);
}

/**
 * Puts the pixels of logits and labels into rows; labels are resized to the logits' size.
 *
 * @param logits `[B, h, w, K]`
 * @param labels `[B, H, W]` int32, -1 = ignored
 * @returns The rows
 */
export function pixelRows(logits: tf.Tensor4D, labels: tf.Tensor3D): PixelRows {
  const [batch, height, width, classes] = logits.shape;
  const resized = resizeLabels(labels, [height, width], "edges");
  const valid = tf.cast(tf.greaterEqual(resized, 0), "float32");
  return {
    logits: tf.reshape(logits, [batch * height * width, classes]),
    labels: tf.reshape(resized, [batch * height * width]),
    valid: tf.reshape(valid, [batch, height * width]),
  };
}

/**
 * Puts the pixels of a feature map into rows, with their classes; labels are resized to the map's size.
 *
 * @param features `[B, h, w, D]`
 * @param labels `[B, H, W]` int32, -1 = ignored
 * @returns B h w rows
 */
export function featureRows(features: tf.Tensor4D, labels: tf.Tensor3D): LabelledFeatures {
  const [batch, height, width, length] = features.shape;
  const classes = resizeLabels(labels, [height, width], "corners");
  return {
    vectors: tf.reshape(features, [batch * height * width, length]),
    classes: tf.reshape(classes, [batch * height * width]),
  };
}

/**
 * Draws label maps, resized to the nearest neighbour.
 *
 * @param labels `[B, H, W]` int32, -1 = ignored
 * @param size `[height, width]`
 * @param classCount K
 * @returns `[B, height, width, K + 1]`: 1 in the channel of a pixel's class, in the last one if it is ignored
 */
export function drawLabels(
  labels: tf.Tensor3D,
  size: readonly [number, number],
  classCount: number,
): tf.Tensor4D {
  const resized = resizeLabels(labels, size, "edges");
  const channels = tf.tensor1d([...Array(classCount).keys(), -1], "int32");
  return tf.cast(tf.equal(tf.expandDims(resized, 3), channels), "float32");
}

/**
 * The mean of each example's pixels that count.
 *
 * @param values `[B h w]`, finite everywhere
 * @param weights `[B, h w]`, 0 where a pixel does not count
 * @returns `[B]`; 0 for an example none of whose pixels counts
 */
export function meanByExample(values: tf.Tensor1D, weights: tf.Tensor2D): tf.Tensor1D {
  const sums = tf.sum(tf.mul(tf.reshape(values, weights.shape), weights), 1);
  return tf.div(sums, tf.maximum(tf.sum(weights, 1), 1));
}

/**
 * The mean over all pixels of a batch that count.
 *
 * @param values `[B h w]`, finite everywhere
 * @param weights `[B, h w]`, 0 where a pixel does not count
 * @returns A scalar; 0 if no pixel counts
 */
export function meanOfBatch(values: tf.Tensor1D, weights: tf.Tensor2D): tf.Scalar {
  const sum = tf.sum(tf.mul(tf.reshape(values, weights.shape), weights));
  return tf.div(sum, tf.maximum(tf.sum(weights), 1));
}
