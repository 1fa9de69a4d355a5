/**
 * Mean intersection over union of a segmentation network.
 *
 * @module
 */
import { type Metric, type MetricResult, MOST_CONFUSED_CLASSES, resizeImages } from "@realign/core";
import * as tf from "@realign/core/tf";

/** The part of a network's output that is measured. */
export interface SegmentationLogits {
  /** `[B, h, w, K]`, of any size: they are resized to the labels. */
  readonly logits: tf.Tensor4D;
}

/** Stands for a pixel whose logits are not numbers. */
const NOT_A_CLASS = -1;

/** The greatest logit's class at each pixel of one example, at the labels' size: `[H * W]`. */
async function predict(
  logits: tf.Tensor4D,
  row: number,
  size: [number, number],
): Promise<Int32Array> {
  const [, height, width, classCount] = logits.shape;
  const classes = tf.tidy(() => {
    const own = tf.slice(logits, [row, 0, 0, 0], [1, height, width, classCount]);
    const resized = resizeImages(own, size);
    const broken = tf.cast(tf.any(tf.isNaN(resized), 3), "int32");
    const best = tf.argMax(resized, 3);
    return tf.sub(tf.mul(best, tf.sub(1, broken)), broken); // -1 where broken
  });
  const values = await classes.data<"int32">();
  classes.dispose();
  return values;
}

/**
 * Makes a mean intersection over union, IoU_k = TP_k / (TP_k + FP_k + FN_k), over one confusion matrix of
 * the whole set. Pixels whose label is -1 count for nothing. A class that has no pixel either in the truth
 * or in the predictions is left out of the mean, as cityscapesScripts do it; one that was predicted and is
 * not there has an IoU of 0. Logits are resized to the labels' size bilinearly (half-pixel centres).
 *
 * `details` holds `perClass` (`[K]` IoUs, null for a class left out), `pixelAccuracy`, `pixels` (how many
 * counted), `absentClasses` (those left out) with the policy in words, `confusion` (`[K][K]` counts, true
 * class by predicted class; up to 100 classes) and `notANumber` (pixels whose logits hold a NaN; they are no class's, and so
 * missing from their own).
 *
 * The metric is a mean of ratios: intersections and unions of each picture are kept, of up to 100 classes.
 *
 * @param classCount K
 * @param classNames To name absent classes by. Default: their numbers
 * @returns The metric; its `count` is that of examples
 *
 * @example Usage
 * ```ts
 * import { createMeanIou } from "@realign/segmentation";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const metric = createMeanIou(2);
 * const logits = tf.tensor4d([[[[3, 1], [2, 5], [0, 1], [9, 8]]]]); // says 0, 1, 1, 0
 * await metric.update({ logits }, tf.tensor3d([[[0, 1, 0, -1]]], [1, 1, 4], "int32"), 1);
 * assert.deepEqual(metric.result().details?.perClass, [1 / 2, 1 / 2]);
 * assert.equal(metric.result().value, 0.5);
 * ```
 */
export function createMeanIou(
  classCount: number,
  classNames: readonly string[] = Array.from({ length: classCount }, (_, index) => `${index}`),
): Metric<SegmentationLogits, tf.Tensor3D> {
  const isKept = classCount <= MOST_CONFUSED_CLASSES;
  const confusion = new Float64Array(classCount * classCount);
  const truth = new Float64Array(classCount);
  let [count, notANumber] = [0, 0];
  const pictures: number[][] = [];
  return {
    async update({ logits }, labels, rows) {
      if (logits.shape[3] !== classCount) {
        throw new RangeError(
          `Cannot compute the mIoU as logits must have ${classCount} classes: current count is ${
            logits.shape[3]
          }`,
        );
      }
      const [, height, width] = labels.shape;
      const classes = await labels.data<"int32">();
      for (let row = 0; row < rows; row++) {
        const predicted = await predict(logits, row, [height, width]);
        const start = row * height * width;
        const areas = Array<number>(2 * classCount).fill(0); // intersection, union
        for (let at = 0; at < predicted.length; at++) {
          const label = classes[start + at];
          if (label < 0) continue;
          const said = predicted[at];
          truth[label]++;
          areas[2 * label + 1]++;
          if (said === NOT_A_CLASS) {
            notANumber++;
            continue;
          }
          confusion[label * classCount + said]++;
          if (said === label) areas[2 * label]++;
          else areas[2 * said + 1]++;
        }
        if (isKept) pictures.push(areas);
      }
      count += rows;
    },
    ...isKept && { ratios: () => pictures },
    result(): MetricResult {
      const pixels = truth.reduce((sum, value) => sum + value, 0);
      if (pixels === 0) {
        throw new RangeError("Cannot compute the mIoU as no pixel that counts was added");
      }
      const rows = Array.from(
        { length: classCount },
        (_, label) => [...confusion.subarray(label * classCount, (label + 1) * classCount)],
      );
      const predicted = rows[0].map((_, index) => rows.reduce((sum, row) => sum + row[index], 0));
      const perClass = rows.map((row, label) => {
        const union = truth[label] + predicted[label] - row[label];
        return union === 0 ? null : row[label] / union;
      });
      const present = perClass.filter((value) => value !== null);
      const correct = rows.reduce((sum, row, label) => sum + row[label], 0);
      return {
        name: "mIoU",
        value: present.reduce((sum, value) => sum + value, 0) / present.length,
        count,
        details: {
          perClass,
          pixelAccuracy: correct / pixels,
          pixels,
          absentClasses: classNames.filter((_, label) => perClass[label] === null),
          absentClassesPolicy: "excluded from the mean: classes absent from truth and predictions",
          notANumber,
          ...isKept && { confusion: rows },
        },
      };
    },
  };
}
