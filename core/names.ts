/**
 * Finding something by the name that a setting gives it.
 *
 * @module
 */
import { suggest } from "./suggest.ts";

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
  const nearest = suggest(name, names);
  const suggestion = nearest === undefined ? "" : ` (did you mean "${nearest}"?)`;
  const list = names.map((known) => `"${known}"`).join(", ") || "(there is none)";
  throw new RangeError(
    `Cannot ${doing} as ${what} must be one of ${list}: current value is "${name}"${suggestion}`,
  );
}
