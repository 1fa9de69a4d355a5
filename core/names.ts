/**
 * Looks up names in settings, and suggests the nearest one for a misspelt name.
 *
 * @module
 */

/** Number of insertions, deletions, replacements and swaps of neighbours between two words. */
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
 * Finds the known word nearest to a misspelt one.
 *
 * @param word What was written
 * @param known The known words
 * @returns The nearest, or undefined if more than a third of the letters differ
 *
 * @example Usage
 * ```ts
 * import { suggest } from "./names.ts";
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
    // A unique prefix ("imagenet" of "imagenet64") counts as near.
    const prefix = written.length >= 3 && name.startsWith(written) ? 1 : Infinity;
    const distance = Math.min(whole, prefix);
    const allowed = Math.max(1, Math.floor(Math.max(written.length, name.length) / 3));
    if (distance <= allowed && distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/**
 * The end of an error message about an unknown word.
 *
 * @param word What was written
 * @param known The known words
 * @returns `did you mean "x"?`, or `known are "x", "y"` if none is near
 *
 * @example Usage
 * ```ts
 * import { didYouMean } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * assert.equal(didYouMean("pdg", ["pgd", "bim"]), 'did you mean "pgd"?');
 * assert.equal(didYouMean("zzz", ["pgd", "bim"]), 'known are "pgd", "bim"');
 * ```
 */
export function didYouMean(word: string, known: Iterable<string>): string {
  const words = [...known];
  const nearest = suggest(word, words);
  if (nearest !== undefined) return `did you mean "${nearest}"?`;
  if (words.length === 0) return "there are none";
  return `known are ${words.map((name) => `"${name}"`).join(", ")}`;
}

/**
 * Finds an entry of a table by name.
 *
 * @param table The entries by name
 * @param name The wanted name
 * @param doing What fails without it, e.g. "attack"
 * @param what The kind of entry, e.g. "objective"
 * @returns The entry
 * @throws {RangeError} If there is none; the message suggests the nearest name, or lists all
 *
 * @example Usage
 * ```ts
 * import { lookUp } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const table = { pgd: 1, bim: 2 };
 * assert.equal(lookUp(table, "bim", "attack", "the attack"), 2);
 * assert.throws(() => lookUp(table, "pdg", "attack", "the attack"), /did you mean "pgd"/);
 * ```
 */
export function lookUp<Entry>(
  table: Readonly<Record<string, Entry>>,
  name: string,
  doing: string,
  what: string,
): Entry {
  if (Object.hasOwn(table, name)) return table[name];
  throw new RangeError(
    `Cannot ${doing} as ${what} "${name}" is unknown: ${didYouMean(name, Object.keys(table))}`,
  );
}
