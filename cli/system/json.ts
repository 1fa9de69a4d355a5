/**
 * JSON that people can read.
 *
 * @module
 */

/** Writes JSON with two spaces of indentation, and lists of plain numbers on one line. */
export function formatJson(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  // Inside strings a line break is written as \n, so a bracket before one is never a string's.
  return text.replaceAll(
    /\[\n\s+(-?[\d.eE+-]+(?:,\n\s+-?[\d.eE+-]+)*)\n\s+\]/g,
    (_, numbers: string) => `[${numbers.replaceAll(/,\n\s+/g, ", ")}]`,
  );
}
