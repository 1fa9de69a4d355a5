/**
 * Metrics that are means of ratios, each of two sums over the examples, and the lowest that a choice of one attack
 * for each example leaves of them.
 *
 * @module
 */

/** Both summands of each ratio in one example: `[n_1, d_1, n_2, d_2, ...]`. */
export type Summands = readonly number[];

/** A pass over all examples that lowers the metric by no more is the last one. */
const LEAST_GAIN = 1e-6;
const MOST_PASSES = 1000;

/** What no ratio is made of here. */
const NOTHING = "-";

/**
 * Writes the summands of an example, e.g. "3/4 - 0/2": "-" for a ratio with nothing in it.
 *
 * @param summands `[n_1, d_1, ...]`
 *
 * @example Usage
 * ```ts
 * import { formatRatios, parseRatios } from "./ratios.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(formatRatios([3, 4, 0, 0, 0, 2]), "3/4 - 0/2");
 * assert.deepEqual(parseRatios("3/4 - 0/2"), [3, 4, 0, 0, 0, 2]);
 * ```
 */
export function formatRatios(summands: Summands): string {
  return Array.from({ length: summands.length / 2 }, (_, index) => {
    const [numerator, denominator] = summands.slice(2 * index, 2 * index + 2);
    return denominator === 0 ? NOTHING : `${numerator}/${denominator}`;
  }).join(" ");
}

/** Reads what {@linkcode formatRatios} wrote. */
export function parseRatios(text: string): Summands {
  return text.split(" ").flatMap((part) => part === NOTHING ? [0, 0] : part.split("/").map(Number));
}

/** The ratios of sums; null for one with a denominator of 0. */
export function ratiosOf(sums: Summands): (number | null)[] {
  return Array.from(
    { length: sums.length / 2 },
    (_, index) => sums[2 * index + 1] > 0 ? sums[2 * index] / sums[2 * index + 1] : null,
  );
}

/** The mean of the ratios of sums that have a denominator; 0 if none has. */
export function meanOfRatios(sums: Summands): number {
  const known = ratiosOf(sums).filter((ratio) => ratio !== null);
  return known.length === 0 ? 0 : known.reduce((sum, ratio) => sum + ratio, 0) / known.length;
}

/** Adds up examples. */
function sumOf(examples: readonly Summands[]): number[] {
  return examples[0].map((_, place) => examples.reduce((sum, example) => sum + example[place], 0));
}

/** A choice, and what it leaves. */
export interface Choice {
  /** Which attack each example has. */
  readonly chosen: readonly number[];
  /** Sums over the examples under that choice. */
  readonly sums: Summands;
}

/**
 * Chooses an attack for each example so that the mean of ratios is low: from the single attack that leaves least on,
 * pass after pass, each example takes the attack that lowers the mean most, given what all others have just then.
 * Since any choice is an attack, what it leaves is an upper bound of what the best one would.
 *
 * @param attacks The summands of the same examples under each attack, at least one of each
 *
 * @example Usage
 * ```ts
 * import { lowestChoice, meanOfRatios } from "./ratios.ts";
 * import assert from "node:assert/strict";
 *
 * // Each attack fools one of two examples.
 * const { chosen, sums } = lowestChoice([[[0, 4], [4, 4]], [[4, 4], [0, 4]]]);
 * assert.deepEqual(chosen, [0, 1]);
 * assert.equal(meanOfRatios(sums), 0);
 * ```
 */
export function lowestChoice(attacks: readonly (readonly Summands[])[]): Choice {
  const totals = attacks.map((examples) => sumOf(examples));
  const means = totals.map(meanOfRatios);
  const first = means.indexOf(Math.min(...means));
  const chosen = attacks[first].map(() => first);
  let sums = totals[first];
  let value = means[first];
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const before = value;
    for (const example of chosen.keys()) {
      for (const [attack, examples] of attacks.entries()) {
        const current = attacks[chosen[example]][example];
        const moved = sums.map((sum, place) => sum - current[place] + examples[example][place]);
        const lower = meanOfRatios(moved);
        if (lower >= value) continue;
        [sums, value] = [moved, lower];
        chosen[example] = attack;
      }
    }
    if (before - value <= LEAST_GAIN) break;
  }
  return { chosen, sums };
}
