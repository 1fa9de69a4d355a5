/**
 * Confidence intervals.
 *
 * @module
 */

/** Quantile of the standard normal distribution that leaves 2.5 % above it. */
const QUANTILE = 1.959964;

/**
 * The 95 % interval of a proportion (Wilson 1927).
 *
 * @param successes Number of successes
 * @param count Independent trials; at least 1
 * @returns Lower and upper end, within [0, 1]
 * @throws {RangeError} If there are no trials, or more successes than trials
 *
 * @example Usage
 * ```ts
 * import { wilsonInterval } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const [low, high] = wilsonInterval(8, 10);
 * assert.deepEqual([low, high].map((end) => end.toFixed(3)), ["0.490", "0.943"]);
 * ```
 */
export function wilsonInterval(successes: number, count: number): [number, number] {
  if (!(count >= 1 && successes >= 0 && successes <= count)) {
    throw new RangeError(
      `Cannot compute an interval as the number of successes must be from 0 to that of trials: current value is ${successes} of ${count}`,
    );
  }
  const share = successes / count;
  const square = QUANTILE ** 2;
  const centre = (share + square / (2 * count)) / (1 + square / count);
  const half = QUANTILE * Math.sqrt(share * (1 - share) / count + square / (4 * count ** 2)) /
    (1 + square / count);
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}
