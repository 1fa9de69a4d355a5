/**
 * The few figures to remember: O alone and behind what was trained for it.
 *
 * @module
 */
import { type Evaluation, type EvaluationRow, UNDEFENDED } from "@realign/core";
import { otherThreatModels, sameAttack, subjectsOf, worstRow } from "./compared_rows.ts";
import { figureCell } from "./figure_cell.ts";
import { intervalText, partText } from "./figure_text.ts";
import { columnLabel, keepUnits, placeLabel } from "./labels.ts";
import { html, type Markup } from "./markup.ts";
import { type Cell, resultTable } from "./result_table.ts";
import { reconstructionText } from "./reconstruction.ts";
import { timePerImage } from "./times.ts";
import { headlineAttacks } from "./verdict.ts";

/** The headline's table: systems by columns; undefined where nothing or no defense was measured. */
export interface Headline {
  /** O alone, then what was trained for it. */
  readonly systems: readonly string[];
  readonly columns: readonly HeadlineColumn[];
}

/** A column of the headline. */
export interface HeadlineColumn {
  readonly label: string;
  /** A system's row; undefined where it was not measured. */
  row(system: string): EvaluationRow | undefined;
}

/**
 * What the headline shows: clean images, one attack on both sides, and beside it the worst case over all attackers; a
 * whitebox attacker that was not tried is shown as missing.
 */
export function headlineOf(evaluation: Evaluation): Headline | undefined {
  const [subject, ...more] = subjectsOf(evaluation);
  const { rows } = evaluation;
  if (!subject || rows.length === 0) return undefined;
  const { shown, least } = headlineAttacks(evaluation, subject.name);
  const others = otherThreatModels(evaluation, subject.name);
  const same = (column: EvaluationRow | undefined): HeadlineColumn[] =>
    column
      ? [{ label: columnLabel(column), row: (system) => sameAttack(rows, column, system) }]
      : [];
  const together: HeadlineColumn = {
    label: "Worst case, all attackers",
    row: (system) => worstRow(evaluation, system),
  };
  return {
    systems: [UNDEFENDED, ...[subject, ...more].map(({ name }) => name)],
    columns: [
      ...same(rows.find(({ threatModel }) => threatModel === "none")),
      ...same(shown),
      // What each attacker leaves stands in the ladder.
      ...(others.length > 0 ? [together] : same(least)),
      ...(others.includes("whitebox") ? [] : [{ label: "Whitebox", row: () => undefined }]),
    ],
  };
}

/** What stands behind the figures, where it was measured. */
const MEASURED_CLEAN = [
  { label: "Time per image", text: timePerImage },
  { label: "Reconstruction error", text: reconstructionText },
];

/** Each column has the same images in all lines; undefined where nothing or no defense was measured. */
export function headlineTable(evaluation: Evaluation): Markup | undefined {
  const headline = headlineOf(evaluation);
  if (!headline) return undefined;
  const { systems, columns } = headline;
  const measured = MEASURED_CLEAN.filter(({ text }) =>
    systems.some((name) => text(evaluation, name) !== undefined)
  );
  return resultTable({
    label: "In short",
    corner: `${evaluation.rows[0].metric.name}, %`,
    columns: [...columns, ...measured].map(({ label }) => label),
    lines: systems.map((name) => ({
      title: placeLabel(evaluation, name),
      cells: [
        ...columns.map((column) => cell(column.row(name))),
        ...measured.map(({ text }) => plain(text(evaluation, name))),
      ],
    })),
  });
}

function cell(row: EvaluationRow | undefined): Cell | undefined {
  return row && figureCell(row, [
    intervalText(row),
    partText(row),
  ]);
}

function plain(text: string | undefined): Cell | undefined {
  return text === undefined ? undefined : { content: html`<b>${keepUnits(text)}</b>` };
}
