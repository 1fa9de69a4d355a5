/**
 * Finding something by the name that a setting gives it.
 *
 * @module
 */

/** How many letters must be added, dropped or replaced to turn one word into another. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = previous[column - 1] + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[column] + 1, current[column - 1] + 1));
    }
    previous = current;
  }
  return previous[to.length];
}

/**
 * Finds an entry of a table by name.
 *
 * @param table What there is
 * @param name The wanted name
 * @param doing What cannot be done without it, e.g. "attack"
 * @param what What the name names, e.g. "objective"
 * @returns The entry
 * @throws {RangeError} If there is none; the message lists the names and suggests the nearest
 *
 * @example Usage
 * ```ts
 * import { lookUp } from "@realign/core/attacks";
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
  const names = Object.keys(table);
  const distances = names.map((known) => editDistance(name, known));
  const nearest = distances.indexOf(Math.min(...distances));
  const close = nearest >= 0 && distances[nearest] <= Math.max(2, name.length / 3);
  const suggestion = close ? ` (did you mean "${names[nearest]}"?)` : "";
  const list = names.map((known) => `"${known}"`).join(", ") || "(there is none)";
  throw new RangeError(
    `Cannot ${doing} as ${what} must be one of ${list}: current value is "${name}"${suggestion}`,
  );
}
