/**
 * Tables in Markdown.
 *
 * @module
 */

/** A table; the first row is its heading. Cells are Markdown. */
export function table(rows: readonly (readonly string[])[]): string {
  const [heading, ...body] = rows;
  return [heading, heading.map(() => "---"), ...body]
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
