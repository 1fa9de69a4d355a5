/**
 * The few figures to remember: O alone and behind what was trained for it.
 *
 * @module
 */
import { type Evaluation, type EvaluationRow, UNDEFENDED } from "@realign/core";
import { leastRow, otherThreatModels, sameAttack, subjectsOf } from "./compared_rows.ts";
import { columnLabel, figure, keepUnits, percent, placeLabel } from "./labels.ts";
import { html, type Markup } from "./markup.ts";
import { type Cell, type Line, resultTable } from "./result_table.ts";
import { timePerImage } from "./times.ts";
import { headlineAttacks } from "./verdict.ts";

/** Each line has the same images on both sides; undefined where no defense was measured. */
export function headlineTable(evaluation: Evaluation): Markup | undefined {
  const subjects = subjectsOf(evaluation);
  if (subjects.length === 0) return undefined;
  const names = [UNDEFENDED, ...subjects.map(({ name }) => name)];
  const { rows } = evaluation;
  const [{ name }] = subjects;
  const { shown, least } = headlineAttacks(evaluation, name);
  const others = otherThreatModels(evaluation, name);
  const columns = [
    rows.find(({ threatModel }) => threatModel === "none"),
    shown,
    least,
    ...others.map((model) => leastRow(rows, model, name)),
  ].filter((row) => row !== undefined);
  const line = (column: EvaluationRow): Line => ({
    title: columnLabel(column),
    cells: names.map((name) => cell(sameAttack(rows, column, name))),
  });
  const lines = [
    ...columns.map(line),
    ...(others.includes("whitebox")
      ? []
      : [{ title: "Whitebox", cells: names.map(() => undefined) }]),
    ...timeLine(evaluation, names),
  ];
  return resultTable({
    label: "In short",
    corner: `${rows[0].metric.name}, %`,
    columns: names.map((name) => placeLabel(evaluation, name)),
    lines,
  });
}

function cell(row: EvaluationRow | undefined): Cell | undefined {
  if (!row) return undefined;
  const { value, interval } = row.metric;
  return {
    content: html`<b>${figure(row)}</b>${
      interval && html`<small>${percent(interval[0])} – ${percent(interval[1])}</small>`
    }`,
    share: value,
  };
}

function timeLine(evaluation: Evaluation, names: readonly string[]): Line[] {
  const times = names.map((name) => timePerImage(evaluation, name));
  if (times.every((time) => time === undefined)) return [];
  return [{
    title: "Time per image",
    cells: times.map((time) =>
      time === undefined ? undefined : { content: html`<b>${keepUnits(time)}</b>` }
    ),
  }];
}
