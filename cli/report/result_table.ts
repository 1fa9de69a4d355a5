/**
 * Tables of figures: beside each other on a wide page, below each other on a narrow one.
 *
 * @module
 */
import { type Content, html, type Markup } from "./markup.ts";

/** What stands in a cell. */
export interface Cell {
  readonly content: Content;
  /** In `[0, 1]`, drawn as a bar. */
  readonly share?: number;
}

/** A line of a table. */
export interface Line {
  readonly title: Content;
  /** In the order of the columns; undefined where nothing was measured. */
  readonly cells: readonly (Cell | undefined)[];
}

/** A table. */
export interface ResultTable {
  /** Says to those who cannot see it what it is. */
  readonly label: string;
  /** Heading of the lines' titles. */
  readonly corner: string;
  readonly columns: readonly string[];
  readonly lines: readonly Line[];
  /** What a missing figure means. @default {"not measured"} */
  readonly missing?: string;
  /** Many short lines: they scroll sideways on a narrow page, below their fixed titles. */
  readonly dense?: boolean;
  /** Titles are sentences: on a narrow page they stand above their figures. */
  readonly wordy?: boolean;
}

/** So many columns stand beside their titles on the narrowest page. */
const NARROW = 2;

/** Writes a table. */
export function resultTable(
  { label, corner, columns, lines, missing = "not measured", dense = false, wordy = false }:
    ResultTable,
): Markup {
  const layout = dense ? " dense" : wordy || columns.length > NARROW ? " stacked" : "";
  const empty = html`<span aria-label="${missing}">–</span>`;
  const cell = (cell: Cell | undefined, column: number) => {
    const { content, share } = cell ?? { content: empty };
    const kind = cell ? (share === undefined ? "plain" : "figure") : "empty";
    const bar = `--share:${(share ?? 0).toFixed(3)}`;
    return html`<td class="${kind}" data-label="${columns[column]}" style="${bar}">${content}</td>`;
  };
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="${label}">
      <table class="results${layout}">
        <thead>
          <tr><th scope="col">${corner}</th>${columns.map((column) =>
            html`<th scope="col">${column}</th>`
          )}</tr>
        </thead>
        <tbody>${lines.map(({ title, cells }) =>
          html`
            <tr><th scope="row">${title}</th>${cells.map(cell)}</tr>
          `
        )}
        </tbody>
      </table>
    </div>
  `;
}
