/**
 * Losses of segmentation, over the pixels that count.
 *
 * @module
 */
import {
  carliniWagnerMargin,
  crossEntropy,
  featureObjective,
  klDivergence,
  type Objective,
} from "@realign/core/attacks";
import * as tf from "@realign/core/tf";
import type { SegmentationOutput } from "./models/mod.ts";
import { featureRows, meanByExample, meanOfBatch, type PixelRows, pixelRows } from "./pixels.ts";
import { balancedCrossEntropy, jensenShannon, maskedCrossEntropy } from "./sea_losses.ts";

/** Per example, a number to ascend. */
export type SegmentationObjective = Objective<SegmentationOutput, tf.Tensor3D>;

/**
 * L_o: the mean cross-entropy of all pixels of the batch that count, and in training the auxiliary
 * head's beside it, as PSPNet and DeepLabv3 are trained.
 *
 * @param output What the network says
 * @param labels `[B, H, W]` int32, -1 = ignored
 * @param auxiliaryWeight What the auxiliary head's loss is weighted by
 * @returns A scalar
 */
export function segmentationLoss(
  { logits, auxiliary }: SegmentationOutput,
  labels: tf.Tensor3D,
  auxiliaryWeight: number,
): tf.Scalar {
  const mean = (scores: tf.Tensor4D) => {
    const rows = pixelRows(scores, labels);
    return meanOfBatch(crossEntropy(rows.logits, rows.labels), rows.valid);
  };
  if (!auxiliary) return mean(logits);
  return tf.add(mean(logits), tf.mul(mean(auxiliary), auxiliaryWeight));
}

/** An objective of an example's pixels. */
const ofPixels =
  (value: (rows: PixelRows) => tf.Tensor1D): SegmentationObjective => ({ logits }, labels) =>
    value(pixelRows(logits, labels));

/**
 * The objectives by name: each the mean over an example's pixels that count, or over those of each of its
 * classes ("balanced-cross-entropy").
 */
export const segmentationObjectives: Readonly<Record<string, SegmentationObjective>> = {
  "cross-entropy": ({ logits }, labels) => {
    const rows = pixelRows(logits, labels);
    return meanByExample(crossEntropy(rows.logits, rows.labels), rows.valid);
  },
  kl: {
    reference: true,
    value({ logits }, labels, reference) {
      const rows = pixelRows(logits, labels);
      const { logits: clean } = pixelRows(reference.logits, labels);
      return meanByExample(klDivergence(rows.logits, clean), rows.valid);
    },
  },
  "cw-margin": ({ logits }, labels) => {
    const rows = pixelRows(logits, labels);
    return meanByExample(carliniWagnerMargin(rows.logits, rows.labels), rows.valid);
  },
  "masked-cross-entropy": ofPixels(maskedCrossEntropy),
  "balanced-cross-entropy": ofPixels(balancedCrossEntropy),
  "jensen-shannon": ofPixels(jensenShannon),
  features: featureObjective(
    ({ features }: SegmentationOutput, labels: tf.Tensor3D) => featureRows(features, labels),
    ({ features }) => features.shape[0],
  ),
};
