/**
 * The committed results as tables for the documents.
 *
 * @module
 */
import type { Evaluation, EvaluationRow } from "@realign/core";
import { attackLabel, defenseLabel, percent } from "../../cli/report/labels.ts";

/** An evaluation with the file that it stands in. */
export interface CommittedResult {
  /** Path from the repository's folder. */
  readonly file: string;
  readonly evaluation: Evaluation;
}

/** Which defenses tables show: O alone and behind G, or all that were measured. */
export type ShownDefenses = "main" | "all";

/** The main defenses, by the words for them. */
const MAIN: Readonly<Record<string, string>> = { none: "none", generator: "G" };

/**
 * Writes results as Markdown, a table for each task, with what they were measured with.
 *
 * @param results In the order of the tables
 * @param shown Which defenses. Default: "main"
 * @returns Markdown, or "" where there are no results
 */
export function resultsTable(
  results: readonly CommittedResult[],
  shown: ShownDefenses = "main",
): string {
  if (results.length === 0) return "";
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
  shown: ShownDefenses,
): string[] {
  const rows = results.flatMap(({ evaluation }) => evaluation.rows);
  const columns = [...new Set(rows.map(columnOf))]
    .filter((column) => !column.endsWith("worst case"))
    .sort((a, b) => rank(a) - rank(b));
  const caption = `${task[0].toUpperCase()}${task.slice(1)}, ${rows[0].metric.name} in percent:`;
  const heading = ["Data, target O", "Defense", ...columns.map(columnLabel)];
  const lines = [
    heading,
    heading.map((_, index) => index < 2 ? "---" : "--:"),
    ...results.flatMap(({ evaluation }) => linesOf(evaluation, columns, shown)),
  ];
  return [caption, "", ...lines.map((cells) => `| ${cells.join(" | ")} |`)];
}

function linesOf(
  evaluation: Evaluation,
  columns: readonly string[],
  shown: ShownDefenses,
): string[][] {
  const { dataset, target, rows } = evaluation;
  const find = (defense: string, column: string) =>
    rows.find((row) => row.defense === defense && columnOf(row) === column);
  const title = `${dataset.name}, ${target.architecture}`;
  const measured = [...new Set(rows.map(({ defense }) => defense))]
    .filter((defense) => shown === "all" || defense in MAIN)
    .sort((a, b) => place(a) - place(b))
    .map((
      defense,
    ) => [
      title,
      shown === "all" ? defenseLabel(defense) : MAIN[defense],
      ...columns.map((column) => value(find(defense, column))),
    ]);
  const paper = columns.map((column) => find("generator", column)?.paper?.toFixed(1) ?? "");
  return paper.some(Boolean)
    ? [...measured, [`${dataset.name}, the paper's O`, "the paper's G", ...paper]]
    : measured;
}

/** O alone first, G and what is built on it last. */
function place(defense: string): number {
  if (defense === "none") return 0;
  return defense.startsWith("generator") ? 2 : 1;
}

function value(row: EvaluationRow | undefined): string {
  return row ? percent(row.metric.value) : "";
}

/** Threat model and attack; clean images have no attacker. */
function columnOf({ threatModel, attack }: EvaluationRow): string {
  return threatModel === "none" ? attack : `${threatModel} ${attack}`;
}

function columnLabel(column: string): string {
  const [threatModel, attack] = column.split(" ");
  if (attack === undefined) return attackLabel(threatModel);
  return threatModel === "whitebox" ? `${attackLabel(attack)} through G` : attackLabel(attack);
}

/** Clean images first, then attacks on O alone, then attacks through G. */
function rank(column: string): number {
  if (!column.includes(" ")) return 0;
  return column.startsWith("oblivious") ? 1 : 2;
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
    `${name} in percent on ${dataset.count} pictures`,
    widths.length > 0 && `95 % intervals of at most ± ${percent(Math.max(...widths))}`,
    `seed ${seed}`,
    backend && `${backend.name} ${backend.version}`,
    commit && `commit ${commit.slice(0, 7)}`,
  ];
  const told = warnings.map((warning) => ` Warning: ${warning}.`).join("");
  return `- [${file}](${file}): ${facts.filter(Boolean).join(", ")}.${told}`;
}
