/**
 * The results of an evaluation as tables: system by attack, one table per threat model.
 *
 * @module
 */
import { type Evaluation, type EvaluationRow, isBy, publishedFigure } from "@realign/core";
import { rowsByAttacker } from "./compared_rows.ts";
import { figureCell } from "./figure_cell.ts";
import { intervalText } from "./figure_text.ts";
import {
  attackerLabel,
  attackerText,
  attackLabel,
  attackNotes,
  brokenNote,
  passesNote,
  rightInAllText,
  sentence,
  settingsLine,
  systemTitle,
} from "./labels.ts";
import { html, type Markup } from "./markup.ts";
import { type Cell, resultTable } from "./result_table.ts";

/** All result tables, one for each attacker, with what the attacker knows. */
export function resultTables(evaluation: Evaluation): Markup {
  const tables = rowsByAttacker(evaluation.rows);
  if (tables.length === 0) return table(evaluation, "Results", "", evaluation.rows);
  return html`${
    tables.map(({ attacker, rows }) => {
      const { title, text } = attackerText(attacker);
      return table(evaluation, title, text, rows);
    })
  }`;
}

/** A table of systems by attacks. */
function table(
  evaluation: Evaluation,
  title: string,
  text: string,
  rows: readonly EvaluationRow[],
): Markup {
  const attacks = [...new Set(rows.map(({ attack }) => attack))];
  const [hasWorst, hasChosen] = ["worst case", "worst case, chosen per picture"]
    .map((attack) => attacks.includes(attack));
  const systems = [...new Set(rows.map(({ system }) => system))];
  const counts = new Set(rows.map(({ metric }) => metric.count));
  const hasPublished = rows.some((row) => publishedFigure(evaluation, row) !== undefined);
  const metric = rows[0]?.metric.name ?? "";
  const find = (system: string, attack: string) =>
    rows.find((row) => row.system === system && row.attack === attack);
  const below = [
    rows.some(({ metric }) => metric.interval) && "the 95 % interval",
    hasPublished && `in italics, the paper’s figure (${publishedIn(evaluation, rows)})`,
  ].filter((part) => part !== false);
  const notes = [
    `${metric} in percent${counts.size === 1 ? `, n = ${[...counts][0]}` : ""}`,
    below.length > 0 && `below it ${below.join(" and, ")}`,
    hasWorst &&
    "worst case: an example counts only if O is right on it clean and under every attack of the table",
    hasChosen &&
    "worst case, chosen per picture: each picture has the attack of the table that lowers the figure of all pictures most",
    passesNote(rows) ?? false,
    ...attackNotes(rows),
    brokenNote(rows) ?? false,
  ].filter((note) => note !== false);
  return html`
    <section>
      <h2>${title}</h2>
      ${text !== "" && html`<p>${text}</p>`}
      <p class="caption">${sentence(notes.join("; "))}.</p>
      ${resultTable({
        label: `${title}: results`,
        corner: "Defense",
        columns: attacks.map(attackLabel),
        lines: systems.map((system) => ({
          title: systemTitle(evaluation, system),
          cells: attacks.map((attack) => cell(evaluation, find(system, attack), counts.size > 1)),
        })),
      })}
    </section>
  `;
}

/** The tables that the published figures of rows are from. */
function publishedIn({ published }: Evaluation, rows: readonly EvaluationRow[]): string {
  const others = rows.map(({ threatModel }) => published?.threatModels?.[threatModel]?.table);
  return [...new Set([published?.table, ...others])].filter(Boolean).join("; ");
}

function cell(
  evaluation: Evaluation,
  row: EvaluationRow | undefined,
  withCount: boolean,
): Cell | undefined {
  if (!row) return undefined;
  const { notANumber = 0, metric: { count } } = row;
  const published = publishedFigure(evaluation, row);
  return figureCell(row, [
    rightInAllText(row),
    notANumber !== 0 && `${notANumber} of ${count} outputs are not numbers`,
    intervalText(row),
    withCount && `n = ${count}`,
    published !== undefined && html`<small class="paper">paper ${published.toFixed(1)}</small>`,
  ]);
}

/** Every attack with its exact settings and largest pixel change. */
export function attackTable(evaluation: Evaluation): Markup {
  const attacked = evaluation.rows.filter(({ settings }) => settings !== null);
  const shown = new Map(
    attacked.map((row) => [`${attackerLabel(row)} ${row.attack} ${settingsLine(row)}`, row]),
  );
  const largest = (row: EvaluationRow) =>
    Math.max(
      ...attacked
        .filter((other) => isBy(other, row) && other.attack === row.attack)
        .map(({ maxPerturbation }) => maxPerturbation),
    );
  return resultTable({
    label: "Attack settings",
    corner: "Attack",
    columns: ["Threat model", "Settings", "Largest pixel change"],
    lines: [...shown.values()].map((row) => ({
      title: attackLabel(row.attack),
      cells: [attackerLabel(row), settingsLine(row), largest(row).toFixed(5)].map((content) => ({
        content,
      })),
    })),
  });
}
