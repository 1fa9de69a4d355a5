/**
 * Quotes words of commands that users paste into a shell.
 *
 * @module
 */

/** Words that need no quotes. */
const PLAIN = /^[\w/.,:=@%+-]+$/;

/**
 * Quotes a word for the shell, if it needs quotes.
 *
 * @param word E.g. a path
 * @param windows Whether the shell is Windows' own. Default: whether this is Windows
 * @returns The word, quoted unless it is plain
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
