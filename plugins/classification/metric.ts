/**
 * Accuracy of a classifier.
 *
 * @module
 */
import type { Metric, MetricResult } from "@realign/core";
import type * as tf from "@realign/core/tf";
import type { ClassifierOutput } from "./models/mod.ts";

/** Of the standard normal distribution, at 97.5 %. */
const Z = 1.959963984540054;

/**
 * Computes Wilson's 95 % interval of a proportion.
 *
 * (p + z² / 2n ± z sqrt(p (1 - p) / n + z² / 4n²)) / (1 + z² / n), with p = successes / n.
 *
 * @param successes How often it was so
 * @param count n, how often it was looked at; positive
 * @returns The interval's ends, within `[0, 1]`
 *
 * @example Usage
 * ```ts
 * import { wilsonInterval } from "@realign/classification";
 * import assert from "node:assert/strict";
 *
 * const [low, high] = wilsonInterval(8, 10);
 * assert.equal(low.toFixed(3), "0.490");
 * assert.equal(high.toFixed(3), "0.943");
 * ```
 */
export function wilsonInterval(successes: number, count: number): [number, number] {
  const proportion = successes / count;
  const share = Z * Z / count;
  const centre = proportion + share / 2;
  const reach = Z * Math.sqrt(proportion * (1 - proportion) / count + share / (4 * count));
  return [Math.max(0, (centre - reach) / (1 + share)), Math.min(1, (centre + reach) / (1 + share))];
}

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
 * `details` holds `perClass` (accuracy by class name, null for a class that was not met), `confusion`
 * (`[K][K]` counts, true class by predicted class) and `notANumber` (examples whose logits hold a NaN;
 * they count as wrong and are not in `confusion`).
 *
 * @param classNames Names of the K classes
 * @returns The metric
 */
export function createAccuracy(
  classNames: readonly string[],
): Metric<ClassifierOutput, tf.Tensor1D> {
  const confusion = classNames.map(() => classNames.map(() => 0));
  const totals = classNames.map(() => 0);
  let notANumber = 0;
  return {
    async update({ logits }, labels, count) {
      const [scores, classes] = await Promise.all([
        logits.data<"float32">(),
        labels.data<"int32">(),
      ]);
      for (let row = 0; row < count; row++) {
        const predicted = greatest(scores, row * classNames.length, classNames.length);
        totals[classes[row]]++;
        if (predicted < 0) notANumber++;
        else confusion[classes[row]][predicted]++;
      }
    },
    result(): MetricResult {
      const count = totals.reduce((sum, total) => sum + total, 0);
      if (count === 0) {
        throw new RangeError("Cannot compute the accuracy as no example was taken in");
      }
      const correct = confusion.reduce((sum, row, index) => sum + row[index], 0);
      const perClass = Object.fromEntries(
        classNames.map((
          name,
          index,
        ) => [name, totals[index] === 0 ? null : confusion[index][index] / totals[index]]),
      );
      return {
        name: "accuracy",
        value: correct / count,
        count,
        interval: wilsonInterval(correct, count),
        details: { perClass, confusion: confusion.map((row) => [...row]), notANumber },
      };
    },
  };
}
