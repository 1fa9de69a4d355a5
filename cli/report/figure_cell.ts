/**
 * Cells of measured figures.
 *
 * @module
 */
import type { EvaluationRow } from "@realign/core";
import { figure } from "./labels.ts";
import { html, Markup } from "./markup.ts";
import type { Cell } from "./result_table.ts";

/**
 * Writes a figure with its bar.
 *
 * @param row What was measured
 * @param below Stands below it in small letters, a line each; HTML stays as it is, `false` and `undefined` leave nothing
 */
export function figureCell(
  row: EvaluationRow,
  below: readonly (Markup | string | false | undefined)[],
): Cell {
  const lines = below.map((line) =>
    line instanceof Markup ? line : line && html`<small>${line}</small>`
  );
  return { content: html`<b>${figure(row)}</b>${lines}`, share: row.metric.value };
}
