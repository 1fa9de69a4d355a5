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
import { featureRows, meanByExample, meanOfBatch, pixelRows } from "./pixels.ts";

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

/** The objectives by name: each the mean over an example's pixels that count. */
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
  features: featureObjective(
    ({ features }: SegmentationOutput, labels: tf.Tensor3D) => featureRows(features, labels),
    ({ features }) => features.shape[0],
  ),
};
