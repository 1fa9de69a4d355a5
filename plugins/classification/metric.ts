/**
 * Accuracy of a classifier.
 *
 * @module
 */
import {
  type Metric,
  type MetricResult,
  MOST_CONFUSED_CLASSES,
  wilsonInterval,
} from "@realign/core";
import type * as tf from "@realign/core/tf";
import type { ClassifierOutput } from "./models/mod.ts";

/** The index of the greatest of `size` numbers from `start` on, the first of equals; -1 if one of them is not a number. */
function greatest(values: ArrayLike<number>, start: number, size: number): number {
  let best = 0;
  for (let index = 0; index < size; index++) {
    if (Number.isNaN(values[start + index])) return -1;
    if (values[start + index] > values[start + best]) best = index;
  }
  return best;
}

/**
 * Makes a top-1 accuracy with its 95 % interval.
 *
 * `details` holds `perClass` (`[K]` accuracies, null for a class that was not met), `confusion`
 * (`[K][K]` counts, true class by predicted class; up to 100 classes) and `notANumber` (examples whose
 * logits hold a NaN; they count as wrong and are not in `confusion`).
 *
 * @param classCount K
 * @returns The metric
 *
 * @example Usage
 * ```ts
 * import { createAccuracy } from "@realign/classification";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const accuracy = createAccuracy(2);
 * const logits = tf.tensor2d([[3, 1], [2, 5]]);
 * await accuracy.update({ logits, features: logits }, tf.tensor1d([0, 0], "int32"), 2);
 * assert.equal(accuracy.result().value, 0.5);
 * ```
 */
export function createAccuracy(classCount: number): Metric<ClassifierOutput, tf.Tensor1D> {
  const zeros = () => Array.from({ length: classCount }, () => 0);
  const confusion = zeros().map(zeros);
  const totals = zeros();
  let notANumber = 0;
  return {
    async update({ logits }, labels, count) {
      const [scores, classes] = await Promise.all([
        logits.data<"float32">(),
        labels.data<"int32">(),
      ]);
      for (let row = 0; row < count; row++) {
        const predicted = greatest(scores, row * classCount, classCount);
        totals[classes[row]]++;
        if (predicted < 0) notANumber++;
        else confusion[classes[row]][predicted]++;
      }
    },
    result(): MetricResult {
      const count = totals.reduce((sum, total) => sum + total, 0);
      if (count === 0) {
        throw new RangeError("Cannot compute the accuracy as no example was added");
      }
      const correct = confusion.reduce((sum, row, index) => sum + row[index], 0);
      const perClass = totals.map((total, index) =>
        total === 0 ? null : confusion[index][index] / total
      );
      return {
        name: "accuracy",
        value: correct / count,
        count,
        interval: wilsonInterval(correct, count),
        details: {
          perClass,
          notANumber,
          ...classCount <= MOST_CONFUSED_CLASSES && { confusion: confusion.map((row) => [...row]) },
        },
      };
    },
  };
}
