/**
 * A grid as one page that needs nothing beside it, in the style of a run's report.
 *
 * @module
 */
import { attackersIn, type Preset } from "@realign/core";
import { chartFigures } from "../../cli/report/chart_figures.ts";
import type { Chart } from "../../cli/report/charts.ts";
import { formatJson } from "../../cli/system/json.ts";
import { attackerText, columnLabel, percent } from "../../cli/report/labels.ts";
import { html, type Markup } from "../../cli/report/markup.ts";
import { writePage } from "../../cli/report/page.ts";
import { type Cell, resultTable } from "../../cli/report/result_table.ts";
import { architectureLabel, datasetLabel } from "../../cli/report/title.ts";
import { warningList } from "../../cli/report/warning_list.ts";
import { exampleStyle } from "./example.ts";
import { headingOf, type TableKind } from "./kinds.ts";
import {
  agreementSentence,
  cornerOf,
  hasMargin,
  hasMarginAttack,
  hasOwnTarget,
  hasPaper,
  MARGIN_NOTE,
  marksNoteOf,
  meanOf,
  metricLabel,
  orderSentence,
  pixelTargetLabel,
  rowLabel,
  secondSentence,
  splitRows,
  TARGET_NOTE,
} from "./markdown.ts";
import type { Figure, PaperTable, TableRow } from "./paper_table.ts";

/** The paper's marks and the seeds' spread stand out from the bars. */
const chartStyle = `
.charts { grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)); }
.charts .layer_1_marks { color: var(--ink); } .charts .layer_2_marks { color: var(--warn); }`;

/**
 * Writes a table as a page.
 *
 * @param table From `collectTable`
 * @param charts One a column
 * @param preset What the grid was made from
 * @param kind The paper's table
 * @param example One image through every defense. Default: none
 * @returns The whole HTML file, without links to anything outside
 */
export function renderTable(
  table: PaperTable,
  charts: readonly Chart[],
  preset: Preset,
  kind: TableKind,
  example?: Markup,
): string {
  const { warnings, dataset, architecture, seeds, steps } = table;
  const { paper, targets } = splitRows(table);
  const body = html`
    <header>
      <h1>${headingOf(kind)}, ${architectureLabel(architecture)} on ${datasetLabel(
        dataset.name,
      )}</h1>
      <p class="lead">
        ${kind.title}: preset ${table.preset}, G trained for ${steps} steps, ${seeds.length === 1
          ? `seed ${seeds[0]}`
          : `seeds ${seeds.join(", ")}`}.
      </p>
      ${warningList(warnings)}
    </header>
    <main>
      ${section(cornerOf(table), sentences(table), table, paper)}
      ${targets.length > 0 &&
        section(
          "The pixel target of restored adversarial images",
          "Eq. 1 and 2 print x^a; section 3.1, Fig. 3 and A.3 describe x̂^c.",
          table,
          targets,
          pixelTargetLabel,
        )}
      <section>
        <h2>The same as bars</h2>
        <p>A bar is the mean, the thin line across its end spans the seeds${paper.some((row) =>
          row.figures.some((figure) => figure?.paper)
        ) &&
          ", the upright mark is the paper’s figure"}.</p>
        ${chartFigures(charts)}
      </section>
      ${example}
      <section>
        <h2>Settings and environment</h2>
        ${details("Resolved preset", preset)} ${details("Data", dataset)}
        ${details("Environment", table.environment)}
        ${details(
          "Runs",
          Object.fromEntries(
            paper.concat(targets.slice(1)).filter(({ runs }) => runs.length > 0).map((
              { name, runs, seconds },
            ) => [name, { runs, trainingSeconds: seconds }]),
          ),
        )}
      </section>
    </main>
    <footer>${attackersIn(table.columns).map((attacker) => {
      const { title, text } = attackerText(attacker);
      return html`<p>${title}: ${text}</p>`;
    })}</footer>
  `;
  return writePage(`${headingOf(kind)}, ${table.preset}`, body, chartStyle + exampleStyle);
}

function sentences(table: PaperTable): string {
  return [secondSentence(table), orderSentence(table), agreementSentence(table)]
    .filter(Boolean).join(" ");
}

function section(
  title: string,
  text: string,
  table: PaperTable,
  rows: readonly TableRow[],
  second?: (row: TableRow) => string,
): Markup {
  const { columns, dataset, seeds, paperTable } = table;
  const marks = marksNoteOf(table);
  const below = seeds.length > 1
    ? `; below it the lowest and highest of ${seeds.length} seeds`
    : hasMargin(table)
    ? "; below it the 95 % interval"
    : "";
  return html`
    <section>
      <h2>${title}</h2>
      ${text !== "" && html`<p>${text}</p>`}
      <p class="caption">${metricLabel(table)} in percent behind G, n = ${dataset
        .count}${below}${hasPaper(table) &&
        `; in italics the paper’s figure (${paperTable})`}.${hasMarginAttack(columns) &&
        ` ${MARGIN_NOTE}`}${hasOwnTarget(table) && ` ${TARGET_NOTE}`}${marks !== undefined &&
        ` ${marks}.`}</p>
      ${resultTable({
        label: title,
        corner: cornerOf(table),
        columns: columns.map(columnLabel),
        lines: rows.map((row) => ({
          title: html`${rowLabel(row)}${second && html`<small>${second(row)}</small>`}`,
          cells: row.figures.map(cell),
        })),
      })}
    </section>
  `;
}

function cell(figure: Figure | null): Cell | undefined {
  if (!figure) return undefined;
  const { mean, values, margin, paper } = figure;
  const [low, high] = values.length > 1
    ? [Math.min(...values), Math.max(...values)]
    : [mean - (margin ?? 0), mean + (margin ?? 0)];
  const content = html`<b>${meanOf(figure)}</b>${
    high > low &&
    html`<small>${percent(Math.max(0, low))} – ${percent(Math.min(1, high))}</small>`
  }${paper !== undefined && html`<small class="paper">paper ${paper.toFixed(1)}</small>`}`;
  return { content, share: mean };
}

function details(title: string, value: unknown): Markup {
  return html`
    <details>
      <summary>${title}</summary>
      <pre>${formatJson(value)}</pre>
    </details>
  `;
}
