/**
 * Agreement of two orders.
 *
 * @module
 */

/**
 * Kendall's tau-b (Kendall 1945): pairs in the same order less pairs in the opposite one, over the geometric
 * mean of the pairs that are not tied in either list. 1: the same order; -1: the opposite one.
 *
 * @param a Values
 * @param b Values of the same things
 * @returns In [-1, 1]; undefined if all values of a list are tied
 * @throws {RangeError} If the lists differ in length
 *
 * @example Usage
 * ```ts
 * import { kendallTau } from "./kendall.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(kendallTau([1, 2, 3], [10, 20, 30]), 1);
 * assert.equal(kendallTau([1, 2, 3], [10, 30, 20]), 1 / 3);
 * ```
 */
export function kendallTau(a: readonly number[], b: readonly number[]): number | undefined {
  if (a.length !== b.length) {
    throw new RangeError(
      `Cannot compare orders as both lists must be of the same length: they are ${a.length} and ${b.length}`,
    );
  }
  let [score, untiedA, untiedB] = [0, 0, 0];
  for (let first = 0; first < a.length; first++) {
    for (let second = 0; second < first; second++) {
      const signA = Math.sign(a[first] - a[second]);
      const signB = Math.sign(b[first] - b[second]);
      score += signA * signB;
      untiedA += Math.abs(signA);
      untiedB += Math.abs(signB);
    }
  }
  return untiedA * untiedB === 0 ? undefined : score / Math.sqrt(untiedA * untiedB);
}
