/**
 * Words as a shell takes them.
 *
 * @module
 */

/** What no shell reads anything into. */
const PLAIN = /^[\w@%+=:,./-]+$/;
const CONTROL = /\p{Cc}/u;

/**
 * Quotes a word so that it can be pasted into a shell.
 *
 * @param word E.g. a path
 * @param isWindows Whether for PowerShell and cmd. @default {Deno.build.os === "windows"}
 * @returns The word; in quotes only where it needs them
 *
 * @example Usage
 * ```ts ignore
 * quoteWord("runs/my first"); // "'runs/my first'"
 * ```
 */
export function quoteWord(word: string, isWindows: boolean = Deno.build.os === "windows"): string {
  if (isWindows) return /^[\w@%+=:,./\\-]+$/.test(word) ? word : `"${word}"`;
  if (PLAIN.test(word)) return word;
  if (!CONTROL.test(word)) return `'${word.replaceAll("'", `'\\''`)}'`;
  // bash, zsh and ksh read $'...'; a line break in plain quotes would break the line that is told.
  const escaped = word.replaceAll(/[\\']/g, "\\$&").replaceAll(
    /\p{Cc}/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `$'${escaped}'`;
}

/** A command line of words. */
export function shellLine(words: readonly string[]): string {
  return words.map((word) => quoteWord(word)).join(" ");
}
