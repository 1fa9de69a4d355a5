/**
 * Pixels counted by true and predicted class.
 *
 * @module
 */
import { type MetricResult, MOST_CONFUSED_CLASSES } from "@realign/core";

/** Stands for a pixel whose logits are not numbers. */
export const NOT_A_CLASS = -1;

/** One confusion matrix of a whole set. */
export class PixelConfusion {
  readonly #classNames: readonly string[];
  readonly #confusion: Float64Array;
  readonly #truth: Float64Array;
  #notANumber = 0;

  /** @param classNames Of the K classes */
  constructor(classNames: readonly string[]) {
    this.#classNames = classNames;
    this.#confusion = new Float64Array(classNames.length ** 2);
    this.#truth = new Float64Array(classNames.length);
  }

  /**
   * Counts pixels.
   *
   * @param predicted A class each, or {@linkcode NOT_A_CLASS}
   * @param labels As many true classes; below 0 a pixel counts for nothing
   */
  add(predicted: ArrayLike<number>, labels: ArrayLike<number>): void {
    const classCount = this.#classNames.length;
    for (let at = 0; at < predicted.length; at++) {
      const label = labels[at];
      if (label < 0) continue;
      this.#truth[label]++;
      if (predicted[at] === NOT_A_CLASS) this.#notANumber++;
      else this.#confusion[label * classCount + predicted[at]]++;
    }
  }

  /**
   * The mean intersection over union.
   *
   * @param count How many examples were added
   * @throws {RangeError} If no pixel was counted
   */
  result(count: number): MetricResult {
    const classCount = this.#classNames.length;
    const truth = this.#truth;
    const pixels = truth.reduce((sum, value) => sum + value, 0);
    if (pixels === 0) {
      throw new RangeError("Cannot compute the mIoU as no pixel that counts was added");
    }
    const rows = Array.from(
      { length: classCount },
      (_, label) => [...this.#confusion.subarray(label * classCount, (label + 1) * classCount)],
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
        absentClasses: this.#classNames.filter((_, label) => perClass[label] === null),
        absentClassesPolicy: "excluded from the mean: classes absent from truth and predictions",
        notANumber: this.#notANumber,
        ...classCount <= MOST_CONFUSED_CLASSES && { confusion: rows },
      },
    };
  }
}
