/**
 * Passes of each image through a random defense, and one figure of all.
 *
 * @module
 */
import type { Defense } from "../defenses/defense.ts";
import { isRandom } from "../defenses/gradient_of.ts";
import type { MetricResult } from "../task.ts";

/** A pass is luck: so many say what a random defense keeps. */
const PASSES = 10;

/**
 * How often each image passes through a system.
 *
 * @param system Its defense, if any
 * @param passes Of images through a random defense; 10 by default
 * @returns 1 unless the defense is random
 * @throws {RangeError} If `passes` is not an integer above 0
 *
 * @example Usage
 * ```ts
 * import { identityDefense } from "@realign/core/defenses";
 * import { passesOf } from "./passes.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(passesOf({ defense: identityDefense }), 1);
 * ```
 */
export function passesOf(
  { defense }: { readonly defense?: Defense },
  passes: number = PASSES,
): number {
  if (!(Number.isInteger(passes) && passes > 0)) {
    throw new RangeError(
      `Cannot measure a random defense as passes must be an integer above 0: current value is ${passes}`,
    );
  }
  return defense && isRandom(defense) ? passes : 1;
}

/**
 * One result of several passes over the same examples: the mean of values and of the ends of intervals, since examples
 * are as many as in one pass; details are those of the first.
 *
 * @param results One for each pass, at least one
 *
 * @example Usage
 * ```ts
 * import { meanResult } from "./passes.ts";
 * import assert from "node:assert/strict";
 *
 * const result = { name: "accuracy", count: 4 };
 * const mean = meanResult([{ ...result, value: 0.5 }, { ...result, value: 1 }]);
 * assert.deepEqual(mean, { name: "accuracy", count: 4, value: 0.75 });
 * ```
 */
export function meanResult(results: readonly MetricResult[]): MetricResult {
  const [first] = results;
  if (results.length === 1) return first;
  // From the first one on, so that the mean of equal numbers is that number.
  const mean = (of: (result: MetricResult) => number) =>
    results.reduce((sum, result) => sum + (of(result) - of(first)) / results.length, of(first));
  return {
    ...first,
    value: mean(({ value }) => value),
    ...(first.interval && {
      interval: [mean(({ interval }) => interval![0]), mean(({ interval }) => interval![1])],
    }),
  };
}

/**
 * Examples that were right in all passes.
 *
 * @param passes The outcomes of each pass, a "1" for each example that was right
 *
 * @example Usage
 * ```ts
 * import { rightInAll } from "./passes.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(rightInAll(["1101", "1011"]), "1001");
 * ```
 */
export function rightInAll(passes: readonly string[]): string {
  const [first] = passes;
  return Array.from(first, (_, at) => passes.every((one) => one[at] === "1") ? "1" : "0").join("");
}
