/**
 * A run as one page that needs nothing beside it.
 *
 * @module
 */
import { type Evaluation, type EvaluationRow, UNDEFENDED } from "@realign/core";
import type { RunRecord } from "../runs/run_record.ts";
import type { KeptSamples } from "../runs/sample_files.ts";
import { formatJson } from "../system/json.ts";
import { formatDuration } from "../terminal/progress.ts";
import type { Chart } from "./charts.ts";
import { classTable } from "./class_table.ts";
import type { CurveCharts } from "./curve_charts.ts";
import { legendList } from "./overlays.ts";
import { leastRow, subjectsOf } from "./compared_rows.ts";
import { attackLabel, percent, threatModelsIn } from "./labels.ts";
import { html, Markup } from "./markup.ts";
import { writePage } from "./page.ts";
import { pictureGrid } from "./pictures.ts";
import { attackTable, resultTables } from "./tables.ts";

/** All that a report shows. */
export interface ReportContent {
  readonly record: RunRecord;
  readonly evaluation: Evaluation | undefined;
  readonly samples: KeptSamples | undefined;
  /** Curves of the metric, e.g. precision over recall; undefined where it has none. */
  readonly curves?: CurveCharts;
  readonly generatorCharts: readonly Chart[];
  readonly targetCharts: readonly Chart[];
}

/**
 * Writes a run as a page.
 *
 * @param content What is known of the run; what is missing is left out, an evaluation with a note
 * @returns The whole HTML file, without links to anything outside
 */
export function renderReport(content: ReportContent): string {
  const body = [header(content), main(content), footer(content)];
  return writePage(content.record.id, body);
}

function header({ record, evaluation }: ReportContent): Markup {
  const { id, preset, created } = record;
  const warnings = [...new Set([...record.warnings, ...evaluation?.warnings ?? []])];
  const began = created.slice(0, 16).replace("T", " ");
  return html`
    <header>
      <h1>${id}</h1>
      <p class="lead">
        A generator that restores images for ${preset.target.architecture} on
        ${preset.dataset.name}. Begun ${began} UTC.
      </p>
      ${evaluation && headline(evaluation)} ${warnings.length > 0 && warningList(warnings)}
    </header>
  `;
}

function main(
  { record, evaluation, samples, curves, generatorCharts, targetCharts }: ReportContent,
): Markup {
  const { preset } = record;
  return html`
    <main>
      ${evaluation ? resultTables(evaluation) : notEvaluated(record)}
      ${samples && samples.samples.length > 0 && pictureGrid(samples)}
      ${evaluation && classTable(evaluation)}
      ${curves && chartGrid(curves.title, curves.charts, legendList(curves.legend, "Lines"))}
      ${chartGrid("Losses of the generator and the discriminator", generatorCharts)}
      ${chartGrid("Loss of the target network", targetCharts)}
      <section>
        <h2>How it was made</h2>
        ${evaluation && attackDetails(evaluation)}
        ${Object.keys(record.stages).length > 0 && details("Stages", record.stages)}
        ${details("Preset, resolved", preset)}
        ${details("Environment", evaluation?.environment ?? record.environment)}
        ${evaluation && dataDetails(record, evaluation)}
      </section>
    </main>
  `;
}

function footer({ evaluation }: ReportContent): Markup {
  const took = evaluation ? `Evaluated in ${formatDuration(evaluation.seconds)}. ` : "";
  return html`
    <footer>
      ${took}Made by realign report from run.json, metrics.jsonl and evaluation.json of this run.
    </footer>
  `;
}

function warningList(warnings: readonly string[]): Markup {
  const sentence = (text: string) => `${text[0].toUpperCase()}${text.slice(1)}`;
  return html`
    <ul class="warnings" aria-label="Warnings">
      ${warnings.map((warning) => html`<li>${sentence(warning)}</li>`)}
    </ul>
  `;
}

function notEvaluated({ id }: RunRecord): Markup {
  return html`
    <section>
      <h2>Results</h2>
      <p>This run was not evaluated yet: realign evaluate ${id}</p>
    </section>
  `;
}

function attackDetails(evaluation: Evaluation): Markup {
  return html`<details open><summary>Attacks</summary>${attackTable(evaluation)}</details>`;
}

function dataDetails({ digests }: RunRecord, { dataset, target, seed }: Evaluation): Markup {
  return details("Data and target network", { dataset, target, seed, digests });
}

/** The few figures to remember: O alone and the subjects, clean and under each attacker. */
function headline(evaluation: Evaluation): Markup {
  const { rows } = evaluation;
  const systems = [{ name: UNDEFENDED, title: "O alone" }, ...subjectsOf(evaluation)];
  const facts = ["none", ...threatModelsIn(rows)].flatMap((threatModel) =>
    systems.map(({ name, title }): [string, EvaluationRow | undefined, string] => {
      const [state, note] = threatModel === "none"
        ? ["Clean", ""]
        : ["Attacked", `${threatModel} attacker`];
      return [`${state}, ${title}`, leastRow(rows, threatModel, name), note];
    })
  );
  return html`<dl class="facts">${
    facts.map(([label, row, note]) =>
      row && html`
        <div>
          <dt>${label}</dt>
          <dd>${percent(row.metric.value)} %<small>${note
            ? `${attackLabel(row.attack)}, ${note}`
            : row.metric.name}</small></dd>
        </div>
      `
    )
  }
</dl>`;
}

function chartGrid(
  title: string,
  charts: readonly Chart[],
  legend?: Markup,
): Markup | undefined {
  if (charts.length === 0) return undefined;
  return html`
    <section>
      <h2>${title}</h2>
      ${legend}
      <div class="charts">${charts.map(({ title, description, svg }) =>
        html`
          <figure role="img" aria-label="${description}"><figcaption>${title}</figcaption>${new Markup(
            svg,
          )}</figure>
        `
      )}
      </div>
    </section>
  `;
}

function details(title: string, value: unknown): Markup {
  return html`
    <details>
      <summary>${title}</summary>
      <pre>${formatJson(value)}</pre>
    </details>
  `;
}
