/**
 * A run's report as one self-contained page.
 *
 * @module
 */
import type { Evaluation } from "@realign/core";
import type { RunRecord } from "../runs/run_record.ts";
import type { KeptFeatures } from "../runs/feature_file.ts";
import type { KeptSamples } from "../runs/sample_files.ts";
import { formatJson } from "../system/json.ts";
import { shellLine } from "../system/shell_words.ts";
import { formatDuration } from "../terminal/progress.ts";
import { alarmList } from "./alarms.ts";
import { chartFigures } from "./chart_figures.ts";
import type { Chart } from "./charts.ts";
import { classTable } from "./class_table.ts";
import type { CurveCharts } from "./curve_charts.ts";
import { featureSection } from "./feature_map.ts";
import { legendList } from "./overlays.ts";
import { confusionMaps } from "./confusion.ts";
import { headlineOf, headlineTable } from "./headline.ts";
import { brokenNote, keepUnits, sentence } from "./labels.ts";
import { ladderSection } from "./ladder_section.ts";
import { html, type Markup } from "./markup.ts";
import { writePage } from "./page.ts";
import { pictureGrid } from "./pictures.ts";
import { reconstructionNote } from "./reconstruction.ts";
import { attackTable, resultTables } from "./tables.ts";
import { timesNote } from "./times.ts";
import { titleOf } from "./title.ts";
import { verdictOf } from "./verdict.ts";
import { warningList } from "./warning_list.ts";
import { warningsOf, withMarks } from "./warnings.ts";

/** The content of a report. */
export interface ReportContent {
  readonly record: RunRecord;
  readonly evaluation: Evaluation | undefined;
  /** Of the same G in front of other targets. */
  readonly others?: readonly Evaluation[];
  readonly samples: KeptSamples | undefined;
  readonly features?: KeptFeatures;
  /** The ladder of threat models as bars. */
  readonly ladder?: readonly Chart[];
  /** What is left as epsilon or steps grow; undefined where that was not measured. */
  readonly growth?: CurveCharts;
  /** Curves of the metric, e.g. precision over recall; undefined where it has none. */
  readonly curves?: CurveCharts;
  /** Certified radii, as a section; undefined where nothing is certified. */
  readonly certificates?: Markup;
  /** What the guard of G's training found; undefined without one. */
  readonly reviews?: CurveCharts;
  readonly generatorCharts: readonly Chart[];
  readonly targetCharts: readonly Chart[];
}

/**
 * Writes a run as a page.
 *
 * @param content What is known of the run; missing parts are left out, a missing evaluation with a note
 * @returns The whole HTML file, without links to anything outside
 */
export function renderReport(content: ReportContent): string {
  const { evaluation, others } = content;
  const marked = {
    ...content,
    evaluation: evaluation && withMarks(evaluation),
    others: others?.map(withMarks),
  };
  const body = [header(marked), main(marked, evaluation), footer(content)];
  return writePage(titleOf(content.record.preset, content.evaluation), body);
}

function header({ record, evaluation }: ReportContent): Markup {
  const { id, preset, created } = record;
  const began = created.slice(0, 16).replace("T", " ");
  const facts = [
    preset.task,
    `preset ${preset.name}`,
    evaluation && `${evaluation.dataset.count} images of the ${evaluation.dataset.split} split`,
    evaluation?.suite && `suite ${evaluation.suite}`,
    `seed ${preset.seed}`,
    `started ${began} UTC`,
    `run ${id}`,
  ].filter((fact) => fact !== undefined);
  return html`
    <header>
      <h1>${titleOf(preset, evaluation)}</h1>
      <p class="lead">${facts.join(" · ")}</p>
      ${evaluation &&
        verdictOf(evaluation).map((text) => html`<p class="verdict">${keepUnits(text)}</p>`)}
      ${warningList(warningsOf(record, evaluation))} ${evaluation && alarmList(evaluation)}
      ${evaluation && headline(evaluation)}
    </header>
  `;
}

/** The headline's table, with what its signs mean. */
function headline(evaluation: Evaluation): Markup {
  const { systems = [], columns = [] } = headlineOf(evaluation) ?? {};
  const rows = columns.flatMap(({ row }) => systems.flatMap((system) => row(system) ?? []));
  const notes = [
    rows.some(({ metric }) => metric.interval) && "below a figure, its 95 % interval",
    brokenNote(rows),
    timesNote(evaluation),
    reconstructionNote(evaluation),
  ].filter((note) => note !== false && note !== undefined);
  const note = notes.map((text) => `${sentence(keepUnits(text))}.`).join(" ");
  return html`${headlineTable(evaluation)}${note !== "" && html`<p class="caption">${note}</p>`}`;
}

function main(
  content: ReportContent,
  kept: Evaluation | undefined,
): Markup {
  const { record, evaluation, others = [], ladder = [], growth, samples, features } = content;
  const { curves, certificates, reviews, generatorCharts, targetCharts } = content;
  const { preset } = record;
  return html`
    <main>
      ${evaluation && ladderSection(evaluation, ladder)}
      ${growth && curveGrid(growth)}
      ${evaluation ? resultTables(evaluation) : notEvaluated(record)}
      ${certificates} ${others.map(otherTarget)}
      ${samples && samples.samples.length > 0 && pictureGrid(samples)}
      ${features && featureSection(features)}
      ${evaluation && classTable(evaluation)} ${evaluation && confusionMaps(evaluation)}
      ${curves && curveGrid(curves)} ${reviews && curveGrid(reviews)}
      ${chartGrid("Losses of the generator and the discriminator", generatorCharts)}
      ${chartGrid("Loss of the target network", targetCharts)}
      <section>
        <h2>Settings and environment</h2>
        ${downloads(record, kept)}
        ${evaluation && attackDetails(evaluation)}
        ${Object.keys(record.stages).length > 0 && details("Stages", record.stages)}
        ${details("Resolved preset", preset)}
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
      ${took}Generated by realign report from run.json, metrics.jsonl and evaluation.json of this run.
    </footer>
  `;
}

/** What the figures are, as files that lie in the page itself. */
function downloads({ preset }: RunRecord, evaluation: Evaluation | undefined): Markup {
  const link = (name: string, value: unknown) => {
    const data = new TextEncoder().encode(`${formatJson(value)}\n`).toBase64();
    return html`<a download="${name}" href="data:application/json;base64,${data}">${name}</a>`;
  };
  return html`
    <p>Download: ${evaluation && html`
      ${link("evaluation.json", evaluation)} (every figure of this page),
    `}
      ${link("preset.json", preset)} (the resolved settings).</p>
  `;
}

function notEvaluated({ id }: RunRecord): Markup {
  return html`
    <section>
      <h2>Results</h2>
      <p>This run has not been evaluated yet: ${shellLine(["realign", "evaluate", id])}</p>
    </section>
  `;
}

/** What the same G does in front of another target. */
function otherTarget(evaluation: Evaluation): Markup {
  const { target: { architecture, digest }, trainedFor } = evaluation;
  return html`
    <section class="other-target">
      <h2>In front of another target: ${architecture}</h2>
      <p>
        The same G, which was trained for ${trainedFor
          ?.architecture}, before a target that it has never seen (weights ${digest.slice(0, 8)}).
        “O” is that target here, and attackers know it where they know O.
      </p>
      ${warningList(warningsOf({ warnings: [] }, evaluation))} ${alarmList(evaluation)}
    </section>
    ${resultTables(evaluation)}
  `;
}

function attackDetails(evaluation: Evaluation): Markup {
  return html`<details open><summary>Attacks</summary>${attackTable(evaluation)}</details>`;
}

function dataDetails({ digests }: RunRecord, { dataset, target, seed }: Evaluation): Markup {
  return details("Data and target network", { dataset, target, seed, digests });
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
      ${chartFigures(charts)}
    </section>
  `;
}

function curveGrid({ title, charts, legend }: CurveCharts): Markup | undefined {
  return chartGrid(title, charts, legendList(legend, "Lines"));
}

function details(title: string, value: unknown): Markup {
  return html`
    <details>
      <summary>${title}</summary>
      <pre>${formatJson(value)}</pre>
    </details>
  `;
}
