/**
 * An evaluation as text for a terminal.
 *
 * @module
 */
import { type Evaluation, type EvaluationRow, publishedFigure } from "@realign/core";
import { textTable } from "../terminal/text_table.ts";
import { alarmText } from "./alarms.ts";
import { rowsByAttacker } from "./compared_rows.ts";
import { attackLabel, attackNotes, brokenNote, figure, percent, systemTitle } from "./labels.ts";
import { timesNote } from "./times.ts";
import { verdictOf } from "./verdict.ts";
import { withMarks } from "./warnings.ts";

/**
 * One table per attacker, systems by attacks: value and 95 % interval, the published figure. Then notes,
 * alarms, and what it all comes to.
 */
export function evaluationTable(measured: Evaluation): string {
  const evaluation = withMarks(measured);
  const { rows } = evaluation;
  const tables = rowsByAttacker(rows).map(({ attacker: { threatModel, substitute }, rows }) => {
    const from = substitute === undefined ? "" : ` from ${substitute}`;
    return { title: `${threatModel} attacker${from}`, rows };
  });
  if (tables.length === 0) tables.push({ title: "no attacker", rows });
  const notes = [...attackNotes(rows), brokenNote(rows), timesNote(evaluation)]
    .filter((note) => note !== undefined).map((note) => `${note}.`);
  const { target, trainedFor } = evaluation;
  const heading = trainedFor
    ? [`O is ${target.architecture}; G was trained for another, ${trainedFor.architecture}`]
    : [];
  return [
    ...heading,
    ...tables.map(({ title, rows }) => pivot(evaluation, title, rows)),
    ...notes,
    ...[alarmText(evaluation)].filter((text) => text !== undefined),
    ...verdictOf(evaluation),
  ].join("\n\n");
}

function pivot(evaluation: Evaluation, title: string, rows: readonly EvaluationRow[]): string {
  const [{ metric: { name, count } }] = rows;
  const attacks = [...new Set(rows.map(({ attack }) => attack))];
  const systems = [...new Set(rows.map(({ system }) => system))];
  const cell = (system: string, attack: string) => {
    const row = rows.find((row) => row.system === system && row.attack === attack);
    if (!row) return "";
    const { metric: { interval } } = row;
    const published = publishedFigure(evaluation, row);
    const range = interval ? ` (${interval.map(percent).join("–")})` : "";
    return `${figure(row)}${range}${published === undefined ? "" : ` [${published.toFixed(1)}]`}`;
  };
  const notes = [
    rows.some(({ metric }) => metric.interval) ? " (95 % interval)" : "",
    rows.some((row) => publishedFigure(evaluation, row) !== undefined) ? " [paper]" : "",
  ];
  const caption = `${title}: ${name} in percent, n = ${count}${notes.join("")}`;
  const heading = ["defense", ...attacks.map(attackLabel)];
  const lines = systems.map((system) => [
    systemTitle(evaluation, system),
    ...attacks.map((attack) => cell(system, attack)),
  ]);
  return `${caption}\n${textTable([heading, ...lines])}`;
}
