/**
 * Tables in Markdown.
 *
 * @module
 */

/**
 * A table.
 *
 * @param rows Cells in Markdown; the first row is the heading
 * @param isNumber Which columns stand to the right, as numbers do. Default: none
 */
export function table(
  rows: readonly (readonly string[])[],
  isNumber: (column: number) => boolean = () => false,
): string {
  const [heading, ...body] = rows;
  return [heading, heading.map((_, column) => isNumber(column) ? "--:" : "---"), ...body]
    .map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Text as a cell: on one line, its bars not those of the table. */
export function cellText(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " ").replaceAll("|", "\\|");
}

/** Text as code. */
export function code(text: string): string {
  return `\`${text}\``;
}
