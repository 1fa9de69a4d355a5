/**
 * What a count of successes says for sure about their probability.
 *
 * @module
 */
import { incompleteBeta } from "./incomplete_beta.ts";

/** Halvings of [0, 1]: more than a double can tell apart. */
const HALVINGS = 60;

/**
 * The one-sided lower bound of a proportion (Clopper and Pearson 1934): the p with which as many successes or more
 * have a chance of `alpha`. Whatever the true proportion is, the bound lies above it with a chance of at most `alpha`.
 *
 * @param successes Number of successes
 * @param count Independent trials; at least 1
 * @param alpha Chance of failure, in (0, 1)
 * @returns In [0, 1]
 * @throws {RangeError} If there are no trials, more successes than trials, or `alpha` is not in (0, 1)
 *
 * @example Usage
 * ```ts
 * import { clopperPearsonLower } from "@realign/core/certify";
 * import assert from "node:assert/strict";
 *
 * // All of n: p^n = alpha.
 * assert.ok(Math.abs(clopperPearsonLower(10_000, 10_000, 0.001) - 0.001 ** (1 / 10_000)) < 1e-15);
 * assert.equal(clopperPearsonLower(0, 10, 0.05), 0);
 * ```
 */
export function clopperPearsonLower(successes: number, count: number, alpha: number): number {
  const isCount = Number.isSafeInteger(successes) && Number.isSafeInteger(count);
  if (!(isCount && count >= 1 && successes >= 0 && successes <= count)) {
    throw new RangeError(
      `Cannot bound a proportion as the number of successes must be an integer from 0 to that of trials: current value is ${successes} of ${count}`,
    );
  }
  if (!(alpha > 0 && alpha < 1)) {
    throw new RangeError(
      `Cannot bound a proportion as alpha must be between 0 and 1: current value is ${alpha}`,
    );
  }
  if (successes === 0) return 0;
  if (successes === count) return alpha ** (1 / count);
  let [low, high] = [0, successes / count];
  // An alpha above 1/2 may put the bound above the share itself.
  if (alpha >= 0.5) high = 1;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2;
    if (incompleteBeta(middle, successes, count - successes + 1) < alpha) low = middle;
    else high = middle;
  }
  return low;
}
