/**
 * An evaluation as text for a terminal.
 *
 * @module
 */
import {
  attackersIn,
  type Evaluation,
  type EvaluationRow,
  isBy,
  publishedFigure,
} from "@realign/core";
import { textTable } from "../terminal/text_table.ts";
import { attackLabel, attackNotes, brokenNote, figure, percent, systemTitle } from "./labels.ts";
import { timesNote } from "./times.ts";
import { verdictOf } from "./verdict.ts";

/**
 * One table per attacker, systems by attacks: value and 95 % interval, the published figure. Then notes, and
 * what it all comes to.
 */
export function evaluationTable(evaluation: Evaluation): string {
  const { rows } = evaluation;
  const clean = rows.filter(({ threatModel }) => threatModel === "none");
  const tables = attackersIn(rows).map((attacker) => {
    const attacked = rows.filter((row) => isBy(row, attacker));
    const systems = new Set(attacked.map(({ system }) => system));
    const own = clean.filter(({ system }) => systems.has(system));
    const { threatModel, substitute } = attacker;
    const from = substitute === undefined ? "" : ` from ${substitute}`;
    return { title: `${threatModel} attacker${from}`, rows: [...own, ...attacked] };
  });
  if (tables.length === 0) tables.push({ title: "no attacker", rows: clean });
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
