/**
 * "Did you mean": the end of messages about a word that is not known.
 *
 * @module
 */
import { suggest } from "@realign/core";

/**
 * The end of an error message: what was probably meant, else what there is.
 *
 * @param word What was written
 * @param known The words there are
 * @returns `did you mean "x"?` or `known are "x", "y"`
 */
export function didYouMean(word: string, known: Iterable<string>): string {
  const words = [...known];
  const nearest = suggest(word, words);
  if (nearest !== undefined) return `did you mean "${nearest}"?`;
  if (words.length === 0) return "there are none";
  return `known are ${words.map((name) => `"${name}"`).join(", ")}`;
}
