/**
 * Words of commands that are shown to be pasted.
 *
 * @module
 */

/** What no shell reads as anything but itself. */
const PLAIN = /^[\w/.,:=@%+-]+$/;

/**
 * Quotes a word for the shell, where it needs that.
 *
 * @param word E.g. a path
 * @param windows Whether the shell is Windows' own. Default: whether this is Windows
 * @returns The word, in quotation marks unless it is plain
 *
 * @example Usage
 * ```ts ignore
 * shellQuote("runs/a"); // runs/a
 * shellQuote("it's mine"); // 'it'\''s mine'
 * ```
 */
export function shellQuote(word: string, windows = Deno.build.os === "windows"): string {
  if (PLAIN.test(windows ? word.replaceAll("\\", "/") : word)) return word;
  return windows ? `"${word.replaceAll('"', '\\"')}"` : `'${word.replaceAll("'", `'\\''`)}'`;
}
