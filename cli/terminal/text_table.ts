/**
 * Columns of text for a terminal.
 *
 * @module
 */

/**
 * Lines up columns; numbers to the right, words to the left.
 *
 * @param rows The first holds the headings
 * @returns Lines without trailing spaces
 *
 * @example Usage
 * ```ts ignore
 * textTable([["name", "n"], ["cat", "12"]]); // "name   n\ncat   12"
 * ```
 */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const isNumber = rows[0].map((_, column) =>
    rows.slice(1).every((row) => /^[-–\d.†]*( |$)/.test(row[column]))
  );
  return rows
    .map((row) =>
      row.map((cell, column) =>
        isNumber[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column])
      ).join("  ").trimEnd()
    )
    .join("\n");
}
