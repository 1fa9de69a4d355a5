/**
 * Options that one dataset has and others have not, as a preset's `dataset.options` holds them.
 *
 * @module
 */
import { lookUp } from "@realign/core";

/** Values that come from a preset or the command line. */
export type OwnOptions = Readonly<Record<string, string | number | boolean>>;

/** What an option may hold: a kind of value, or one of some words. */
export type OptionKind = "number" | "string" | "boolean" | readonly string[];

type ValueOf<Kind> = Kind extends "number" ? number
  : Kind extends "boolean" ? boolean
  : Kind extends readonly (infer Word)[] ? Word
  : string;

/** The options that were given, typed. */
export type ReadOptions<Kinds> = { readonly [Name in keyof Kinds]?: ValueOf<Kinds[Name]> };

/**
 * Checks options against those that a dataset has.
 *
 * @param dataset Named in errors
 * @param options What was given
 * @param kinds What each option may hold
 * @returns The options
 * @throws {RangeError} If an option is unknown, or holds something else; one line that names it
 */
export function readOwnOptions<const Kinds extends Readonly<Record<string, OptionKind>>>(
  dataset: string,
  options: OwnOptions,
  kinds: Kinds,
): ReadOptions<Kinds> {
  for (const [name, value] of Object.entries(options)) {
    if (Object.keys(kinds).length === 0) {
      throw new RangeError(`Cannot open ${dataset} with the option ${name} as it has no options`);
    }
    const kind = lookUp(kinds, name, `open ${dataset}`, "its option");
    const type: string = typeof value;
    const fits = typeof kind === "string" ? type === kind : kind.includes(`${value}`);
    if (!fits) {
      const wanted = typeof kind === "string"
        ? `a ${kind}`
        : `one of ${kind.map((word) => `"${word}"`).join(", ")}`;
      throw new RangeError(
        `Cannot open ${dataset} as its option ${name} must be ${wanted}: current value is ${value}`,
      );
    }
  }
  return options as ReadOptions<Kinds>;
}

/** The words of a comma-separated list. */
export function wordsOf(text: string): string[] {
  return text.split(",").map((word) => word.trim()).filter((word) => word !== "");
}
