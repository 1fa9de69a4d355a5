/**
 * What is printed: names and messages out of files of others must not steer the terminal.
 *
 * @module
 */

/** Control characters, escapes among them, but line breaks and tabs. */
const CONTROLS = /[^\P{Cc}\n\t]/gu;

/** A text in which every control character but line breaks and tabs is `\uFFFD`. */
export function printable(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(CONTROLS, "\uFFFD");
}

/** A JSON document with the same value whose texts hold no control character. */
export function printableJson(text: string): string {
  return text.replace(
    CONTROLS,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Prints on standard error. */
export function printNote(text: string): void {
  console.error(printable(text));
}

/** Prints on standard output. */
export function printResult(text: string): void {
  console.log(printable(text));
}
