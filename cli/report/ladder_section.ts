/**
 * The ladder of threat models as the first table and picture of a report.
 *
 * @module
 */
import { type Evaluation, type EvaluationRow, isWorstCase, UNDEFENDED } from "@realign/core";
import { chartFigures } from "./chart_figures.ts";
import type { Chart } from "./charts.ts";
import { figureCell } from "./figure_cell.ts";
import { intervalText } from "./figure_text.ts";
import { figureChart } from "./figure_chart.ts";
import { climbers, ladderOf, type Rung, untried } from "./ladder.ts";
import { attackLabel, brokenNote, columnLabel, placeLabel, sentence } from "./labels.ts";
import { html, type Markup } from "./markup.ts";
import { type Cell, resultTable } from "./result_table.ts";

/** Draws the ladder of each system: a bar an attacker, with its interval. */
export async function ladderCharts(evaluation: Evaluation): Promise<Chart[]> {
  const rungs = ladderOf(evaluation);
  return await Promise.all(
    climbers(evaluation).map((system) =>
      figureChart(
        placeLabel(evaluation, system),
        rungs.map(({ title, rows }) => ({ name: title, row: rows.get(system) })),
      )
    ),
  );
}

/**
 * Writes the ladder.
 *
 * @param evaluation What was measured
 * @param charts From {@linkcode ladderCharts}
 * @returns A section; undefined where nothing was attacked
 */
export function ladderSection(
  evaluation: Evaluation,
  charts: readonly Chart[],
): Markup | undefined {
  const rungs = ladderOf(evaluation);
  if (rungs.length < 2) return undefined;
  const systems = climbers(evaluation);
  const { name, count } = evaluation.rows[0].metric;
  const all = rungs.flatMap(({ rows }) => [...rows.values()]);
  const broken = brokenNote(all);
  const missing = systems.filter((system) => system !== UNDEFENDED)
    .flatMap((system) => {
      const told = untried(evaluation, system);
      return told.length === 0 ? [] : [`${placeLabel(evaluation, system)}. ${told.join(" ")}`];
    });
  return html`
    <section>
      <h2>What each attacker leaves</h2>
      <p class="caption">${sentence(
        name,
      )} in percent, n = ${count}: the least that any attack of an attacker leaves${all
        .some(({ metric }) => metric.interval) && "; below it the 95 % interval"}.${broken !==
          undefined && ` ${broken}.`}</p>
      ${resultTable({
        label: "What each attacker leaves",
        corner: "Attacker",
        wordy: true,
        columns: systems.map((system) => placeLabel(evaluation, system)),
        lines: rungs.map((rung) => ({
          title: html`${rung.title}<small class="knows">${rung.knows}</small>`,
          cells: systems.map((system) => cell(rung, system)),
        })),
      })}
      ${chartFigures(charts, "ladder")}
      ${missing.map((text) => html`<p class="caption">${text}</p>`)}
    </section>
  `;
}

function cell({ rows }: Rung, system: string): Cell | undefined {
  const row = rows.get(system);
  return row && figureCell(row, [intervalText(row), row.threatModel !== "none" && attackOf(row)]);
}

/** The attack that leaves least; where several attackers count, whose it is. */
function attackOf(row: EvaluationRow): string {
  return isWorstCase(row) ? attackLabel(row.attack) : columnLabel(row);
}
