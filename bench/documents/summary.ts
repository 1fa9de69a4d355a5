/**
 * Results in a few lines, for the first screen of README.md.
 *
 * @module
 */
import { type Evaluation, type EvaluationRow, isWorstCase, UNDEFENDED } from "@realign/core";
import { leastRow, sameAttack, strongestRow, subjectsOf } from "../../cli/report/compared_rows.ts";
import { attackLabel, brokenNote, figure } from "../../cli/report/labels.ts";
import { datasetLabel } from "../../cli/report/title.ts";
import { withMarks } from "../../cli/report/warnings.ts";
import { type BenchResult, OURS } from "../speed/result.ts";
import { table } from "./markdown_table.ts";
import type { CommittedResult } from "./results_table.ts";

/** The evaluations that stand for the tasks, and what is said of them besides task and data. */
const EVALUATIONS: readonly (readonly [name: string, more: string])[] = [
  ["cifar10-small", ""],
  ["camvid-small", ""],
  ["bccd-small", ""],
  ["shapes", ""],
  ["shapes-robust", "; G trained against attacks through itself"],
];

/** Benchmarks by name, in words. */
const BENCHES: Readonly<Record<string, string>> = {
  step: "training step of G and D, same arithmetic",
  "step-once": "training step, shared work reused",
  attack: "PGD-20 on 128 images",
  algorithm: "Algorithm 1 for 10 epochs, cached adversarial images",
};

/**
 * Writes one line per evaluation that stands for a task.
 *
 * @param results All that is committed
 * @returns A table as of {@linkcode summaryOf}, or "" where none of the results stands for a task
 */
export function resultsSummary(results: readonly CommittedResult[]): string {
  const shown = EVALUATIONS.flatMap(([name, more]) =>
    results.filter(({ file }) => file.endsWith(`/${name}.json`))
      .map(({ evaluation }) => ({ evaluation, more }))
  );
  if (shown.length === 0) return "";
  return summaryOf(
    "Task, data",
    shown.map((
      { evaluation, more },
    ) => [`${evaluation.task}, ${datasetLabel(evaluation.dataset.name)}${more}`, evaluation]),
  );
}

/**
 * Writes one line per evaluation: O alone and behind what was trained for it, clean and attacked. An attack
 * stands with its name, and what both keep stands side by side under the same one: that which hurts O most. Then
 * follows the least that any attack of each threat model leaves.
 *
 * @param what Heading of the labels
 * @param measured At least one, each with its label
 * @returns A Markdown table
 */
export function summaryOf(
  what: string,
  measured: readonly (readonly [string, Evaluation])[],
): string {
  const evaluations = measured.map(([label, evaluation]) =>
    [label, withMarks(evaluation)] as const
  );
  const heading = [
    what,
    "Metric, %",
    "O clean",
    "G clean",
    "Attack on O",
    "O attacked",
    "G, same attack",
    "G, least oblivious",
    "**G, least whitebox**",
  ];
  const body = evaluations.map(([label, evaluation]) => {
    const [{ name: subject }] = subjectsOf(evaluation);
    const single = evaluation.rows.filter((row) => !isWorstCase(row));
    const strongest = strongestRow(single);
    return [
      label,
      single[0].metric.name,
      value(leastRow(single, "none", UNDEFENDED)),
      value(leastRow(single, "none", subject)),
      strongest ? attackLabel(strongest.attack) : "",
      value(strongest),
      value(strongest && sameAttack(single, strongest, subject)),
      named(leastRow(single, "oblivious", subject)),
      `**${named(leastRow(single, "whitebox", subject)) || "not measured"}**`,
    ];
  });
  const broken = brokenNote(evaluations.flatMap(([, evaluation]) => {
    const shown = [UNDEFENDED, ...subjectsOf(evaluation).map(({ name }) => name)];
    return evaluation.rows.filter(({ system }) => shown.includes(system));
  }));
  const lines = table([heading, ...body], (column) => column > 1 && column !== 4);
  return broken === undefined ? lines : `${lines}\n\n${broken}.`;
}

function value(row: EvaluationRow | undefined): string {
  return row ? figure(row) : "";
}

/** A figure with the attack that left it. */
function named(row: EvaluationRow | undefined): string {
  return row ? `${figure(row)} (${attackLabel(row.attack)})` : "";
}

/**
 * Writes one line per benchmark: our median, the fastest PyTorch variant's, their ratio.
 *
 * @param benches All that is committed
 * @returns A Markdown table, or "" where there is nothing to show
 */
export function speedSummary(benches: readonly BenchResult[]): string {
  const body = Object.entries(BENCHES).flatMap(([name, title]) =>
    benches.filter((bench) => bench.name === name).flatMap(({ groups }) =>
      groups.flatMap(({ sides, best, unit }) =>
        best
          ? [[
            title,
            time(sides[OURS].median, unit),
            `${time(sides[best.side].median, unit)} (${best.side})`,
            best.ratio.toFixed(2),
          ]]
          : []
      )
    )
  );
  if (body.length === 0) return "";
  return table([["", "Realign", "fastest PyTorch", "ratio"], ...body], (column) => column > 0);
}

function time(value: number, unit: string): string {
  return `${value.toPrecision(3).includes("e") ? value.toFixed(0) : value.toPrecision(3)} ${unit}`;
}
