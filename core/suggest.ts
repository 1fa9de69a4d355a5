/**
 * The known word that is nearest to a misspelt one.
 *
 * @module
 */

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let cost = Math.min(
        last[column] + 1,
        current[column - 1] + 1,
        last[column - 1] + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] &&
        from[row - 2] === to[column - 1];
      if (swapped) cost = Math.min(cost, beforeLast[column - 2] + 1);
      current.push(cost);
    }
    [beforeLast, last] = [last, current];
  }
  return last[to.length];
}

/**
 * Finds the known word that a misspelt one was meant to be.
 *
 * @param word What was written
 * @param known The words there are
 * @returns The nearest, or undefined when none is near: more than a third of the letters differ
 *
 * @example Usage
 * ```ts
 * import { suggest } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * assert.equal(suggest("evalute", ["train", "evaluate"]), "evaluate");
 * assert.equal(suggest("banana", ["train", "evaluate"]), undefined);
 * ```
 */
export function suggest(word: string, known: Iterable<string>): string | undefined {
  const written = word.toLowerCase();
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of known) {
    const name = candidate.toLowerCase();
    const whole = editDistance(written, name);
    // A beginning that stands for one word ("imagenet" of "imagenet64") counts as near.
    const prefix = written.length >= 3 && name.startsWith(written) ? 1 : Infinity;
    const distance = Math.min(whole, prefix);
    const allowed = Math.max(1, Math.floor(Math.max(written.length, name.length) / 3));
    if (distance <= allowed && distance < least) [best, least] = [candidate, distance];
  }
  return best;
}
