/**
 * Mean average precision of a detector.
 *
 * @module
 */
import type { Box, Metric } from "@realign/core";
import * as tf from "@realign/core/tf";
import { type AveragePrecisionOptions, createAveragePrecision } from "./average_precision.ts";
import { CROWD, type DetectionLabels } from "./labels.ts";
import type { DetectionOutput } from "./models/network.ts";
import { readDetections } from "./read_detections.ts";

/** Reads the boxes of the truth back. */
async function readTruths(
  { boxes, classes, difficult }: DetectionLabels,
  count: number,
): Promise<Box[][]> {
  const places = classes.shape[1];
  const [corners, indices, marks] = await Promise.all([
    boxes.data<"float32">(),
    classes.data<"int32">(),
    difficult.data<"float32">(),
  ]);
  return Array.from({ length: count }, (_, row) => {
    const found: Box[] = [];
    for (let place = row * places; place < (row + 1) * places; place++) {
      if (indices[place] < 0) continue;
      const [x1, y1, x2, y2] = corners.subarray(4 * place, 4 * place + 4);
      found.push({
        box: [x1, y1, x2, y2],
        class: indices[place],
        difficult: marks[place] > 0,
        ...(marks[place] === CROWD && { crowd: true }),
      });
    }
    return found;
  });
}

/** Counts the priors of the first `count` examples of which a number is said that is none, or has no bound. */
async function countNotNumbers(
  { logits, offsets }: DetectionOutput,
  count: number,
): Promise<number> {
  const broken = tf.tidy(() => {
    const total = tf.add(tf.sum(logits, 2), tf.sum(offsets, 2));
    // Of such a number less itself nothing is left but NaN.
    const isBroken = tf.cast(tf.notEqual(tf.sub(total, total), 0), "int32");
    return tf.sum(tf.slice(isBroken, [0, 0], [count, -1]));
  });
  const [value] = await broken.data();
  broken.dispose();
  return value;
}

/**
 * Makes a mean average precision over what a detector says: boxes after torchvision's post-processing,
 * down to a score of .01. Priors of which something is said that is no number give no box.
 *
 * `details` holds what {@linkcode createAveragePrecision} knows: other protocols, classes, curves.
 * `notANumber` counts such priors.
 *
 * @param classCount K
 * @param options Which protocol's is the value: VOC 2007's unless told otherwise
 * @returns The metric
 *
 * @example Usage
 * ```ts
 * import { createDetection, createMeanAveragePrecision } from "@realign/detection";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const metric = createMeanAveragePrecision(1);
 * const cat = { box: [0.25, 0.25, 0.75, 0.75], class: 0, difficult: false } as const;
 * const labels = createDetection(["cat"]).encodeLabels([{ boxes: [cat] }]);
 * const output = {
 *   logits: tf.tensor3d([[[0, 5]]]),
 *   offsets: tf.zeros<tf.Rank.R3>([1, 1, 4]),
 *   priors: tf.fill([1, 1, 4], 0.5) as tf.Tensor3D,
 *   features: tf.zeros<tf.Rank.R4>([1, 2, 2, 1]),
 * };
 * await metric.update(output, labels, 1);
 * assert.equal(metric.result().value, 1);
 * ```
 */
export function createMeanAveragePrecision(
  classCount: number,
  options: AveragePrecisionOptions = {},
): Metric<DetectionOutput, DetectionLabels> {
  const precision = createAveragePrecision(classCount, options);
  let notANumber = 0;
  return {
    async update(output, labels, count) {
      const [found, truths, broken] = await Promise.all([
        readDetections(output, count),
        readTruths(labels, count),
        countNotNumbers(output, count),
      ]);
      notANumber += broken;
      found.forEach((boxes, row) => precision.add(boxes, truths[row]));
    },
    result() {
      const result = precision.result();
      return { ...result, details: { ...result.details, notANumber } };
    },
  };
}
