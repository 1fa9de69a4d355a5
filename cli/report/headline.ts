/**
 * The few figures to remember: O alone and behind what was trained for it.
 *
 * @module
 */
import { type Evaluation, type EvaluationRow, UNDEFENDED } from "@realign/core";
import { leastRow, otherThreatModels, sameAttack, subjectsOf } from "./compared_rows.ts";
import { columnLabel, figure, keepUnits, percent, placeLabel } from "./labels.ts";
import { html, type Markup } from "./markup.ts";
import { type Cell, resultTable } from "./result_table.ts";
import { timePerImage } from "./times.ts";
import { headlineAttacks } from "./verdict.ts";

/** Each column has the same images in all lines; undefined where nothing or no defense was measured. */
export function headlineTable(evaluation: Evaluation): Markup | undefined {
  const [subject, ...more] = subjectsOf(evaluation);
  const { rows } = evaluation;
  if (!subject || rows.length === 0) return undefined;
  const { shown, least } = headlineAttacks(evaluation, subject.name);
  const others = otherThreatModels(evaluation, subject.name);
  const columns = [
    rows.find(({ threatModel }) => threatModel === "none"),
    shown,
    least,
    ...others.map((model) => leastRow(rows, model, subject.name)),
  ].filter((row) => row !== undefined);
  const names = [UNDEFENDED, ...[subject, ...more].map(({ name }) => name)];
  const isUntried = !others.includes("whitebox");
  const isTimed = names.some((name) => timePerImage(evaluation, name) !== undefined);
  return resultTable({
    label: "In short",
    corner: `${rows[0].metric.name}, %`,
    columns: [
      ...columns.map(columnLabel),
      ...(isUntried ? ["Whitebox"] : []),
      ...(isTimed ? ["Time per image"] : []),
    ],
    lines: names.map((name) => ({
      title: placeLabel(evaluation, name),
      cells: [
        ...columns.map((column) => cell(sameAttack(rows, column, name))),
        ...(isUntried ? [undefined] : []),
        ...(isTimed ? [time(timePerImage(evaluation, name))] : []),
      ],
    })),
  });
}

function cell(row: EvaluationRow | undefined): Cell | undefined {
  if (!row) return undefined;
  const { value, interval } = row.metric;
  const content = html`<b>${figure(row)}</b>${
    interval && html`<small>${percent(interval[0])} – ${percent(interval[1])}</small>`
  }`;
  return { content, share: value };
}

function time(text: string | undefined): Cell | undefined {
  return text === undefined ? undefined : { content: html`<b>${keepUnits(text)}</b>` };
}
