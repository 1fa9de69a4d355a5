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

/**
 * Reads the lists of a dataset's split.
 *
 * @param dataset Named in errors
 * @param lists Comma-separated names, per split
 * @param split The one that is opened
 * @returns The lists of that split; a note if a list is in both splits
 * @throws {RangeError} If a list is repeated
 */
export function readLists(
  dataset: string,
  lists: Readonly<Record<"train" | "test", string>>,
  split: "train" | "test",
): { names: string[]; notes: string[] } {
  const names = wordsOf(lists[split]);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new RangeError(
      `Cannot open ${dataset} as its option ${split} must name each list once: ${twice} is repeated`,
    );
  }
  const other = wordsOf(lists[split === "train" ? "test" : "train"]);
  const both = names.filter((name) => other.includes(name));
  return {
    names,
    notes: both.length === 0
      ? []
      : [`${both.join(", ")} is in both the training and the test split`],
  };
}

/** A dataset with more notes. */
export function withNotes<D extends { readonly notes: readonly string[] }>(
  dataset: D,
  notes: readonly string[],
): D {
  return notes.length === 0 ? dataset : { ...dataset, notes: [...dataset.notes, ...notes] };
}
