/**
 * The committed results as tables for the documents.
 *
 * @module
 */
import {
  type Attacker,
  attackerBehind,
  type Evaluation,
  type EvaluationRow,
  isBy,
  isWorstCase,
  publishedFigure,
  THREAT_MODELS,
  UNDEFENDED,
} from "@realign/core";
import { subjectsOf } from "../../cli/report/compared_rows.ts";
import { attackNotes, brokenNote, columnLabel, figure, percent } from "../../cli/report/labels.ts";
import { withMarks } from "../../cli/report/warnings.ts";
import { table } from "./markdown_table.ts";

/** An evaluation with the file that it stands in. */
export interface CommittedResult {
  /** Path from the repository's folder. */
  readonly file: string;
  readonly evaluation: Evaluation;
}

/** Which systems tables show: O alone and what was trained for it, or all that were measured. */
export type ShownSystems = "main" | "all";

/** What a column is of. */
type Column = Attacker & Pick<EvaluationRow, "attack">;

/**
 * Writes results as Markdown, a table for each task, with what they were measured with.
 *
 * @param committed In the order of the tables
 * @param shown Which systems. Default: "main"
 * @returns Markdown, or "" where there are no results
 */
export function resultsTable(
  committed: readonly CommittedResult[],
  shown: ShownSystems = "main",
): string {
  if (committed.length === 0) return "";
  const results = committed.map(({ file, evaluation }) => ({
    file,
    evaluation: withMarks(evaluation),
  }));
  const byTask = Map.groupBy(results, ({ evaluation }) => evaluation.task);
  const tables = [...byTask].sort().flatMap((
    [task, ofTask],
  ) => [...tableOf(task, ofTask, shown), ""]);
  return [...tables, ...(shown === "main" ? results.map(sourceOf) : [])].join("\n").trim();
}

/** One task's results: attacks and metrics of another are others. */
function tableOf(
  task: string,
  results: readonly CommittedResult[],
  shown: ShownSystems,
): string[] {
  const rows = results.flatMap(({ evaluation }) => evaluation.rows);
  const columns = columnsOf(rows);
  const caption = `${task[0].toUpperCase()}${task.slice(1)}, ${rows[0].metric.name} in percent:`;
  const heading = ["Data, target O", "Defense", ...columns.map(columnLabel)];
  const all = results.map(({ evaluation }) => evaluation);
  const lines = all.flatMap((one) => linesOf(one, placeOf(one, all), columns, shown));
  const notes = [...attackNotes(rows), brokenNote(rows)].filter((note) => note !== undefined)
    .flatMap((note) => ["", `${note}.`]);
  return [caption, "", table([heading, ...lines], (column) => column > 1), ...notes];
}

/** Data and O; where results of other presets have the same, the preset too. */
function placeOf(evaluation: Evaluation, all: readonly Evaluation[]): string {
  const base = ({ dataset, target, trainedFor }: Evaluation) =>
    `${dataset.name}, ${target.architecture}${
      trainedFor ? ` (G trained for ${trainedFor.architecture})` : ""
    }`;
  const own = base(evaluation);
  const shared = all.some((other) => base(other) === own && other.preset !== evaluation.preset);
  return shared ? `${own} (${evaluation.preset})` : own;
}

function linesOf(
  evaluation: Evaluation,
  place: string,
  columns: readonly Column[],
  shown: ShownSystems,
): string[][] {
  const { dataset, rows, systems } = evaluation;
  const find = (name: string, column: Column) =>
    rows.find((row) => row.system === name && isBy(row, column) && row.attack === column.attack);
  const subjects = subjectsOf(evaluation);
  const main = new Set([UNDEFENDED, ...subjects.map(({ name }) => name)]);
  const measured = systems
    .filter(({ name }) => rows.some(({ system }) => system === name))
    .filter(({ name }) => shown === "all" || main.has(name))
    .map(({ name, title }) => [
      place,
      title,
      ...columns.map((column) => value(find(name, column))),
    ]);
  const published = subjects.flatMap(({ name: system, title }) => {
    const figures = columns.map((column) =>
      publishedFigure(evaluation, { ...column, system })?.toFixed(1) ?? ""
    );
    const line = [`${dataset.name}, the paper's O`, `${title} (the paper's)`, ...figures];
    return figures.some(Boolean) ? [line] : [];
  });
  return [...measured, ...published];
}

function value(row: EvaluationRow | undefined): string {
  return row ? figure(row) : "";
}

/** Clean images first, then by threat model, each in the order that was measured. */
function columnsOf(rows: readonly EvaluationRow[]): Column[] {
  const columns = new Map<string, Column>();
  for (const row of rows) {
    if (isWorstCase(row)) continue;
    const column = { ...attackerBehind(row), attack: row.attack };
    columns.set(JSON.stringify(column), column);
  }
  const order = Object.keys(THREAT_MODELS);
  const rank = ({ threatModel }: Column) => order.indexOf(threatModel);
  return [...columns.values()].sort((a, b) => rank(a) - rank(b));
}

function sourceOf({ file, evaluation }: CommittedResult): string {
  const { preset, dataset, seed, rows, environment, warnings } = evaluation;
  const [{ metric: { name } }] = rows;
  const widths = rows.flatMap(({ metric: { value, interval } }) =>
    interval ? [value - interval[0], interval[1] - value] : []
  );
  const { backend, commit } = environment as {
    readonly backend?: { readonly name: string; readonly version: string };
    readonly commit?: string;
  };
  const facts = [
    `preset ${preset}`,
    `${name} in percent on ${dataset.count} images`,
    widths.length > 0 && `95 % intervals of at most ± ${percent(Math.max(...widths))}`,
    `seed ${seed}`,
    backend && `${backend.name} ${backend.version}`,
    commit && `commit ${commit.slice(0, 7)}`,
  ];
  const told = warnings.map((warning) => ` Warning: ${warning}.`).join("");
  return `- [${file}](../${file}): ${facts.filter(Boolean).join(", ")}.${told}`;
}
