/**
 * An evaluation as text for a terminal.
 *
 * @module
 */
import { type Evaluation, type EvaluationRow, PAPER_SUITE, publishedFigure } from "@realign/core";
import { textTable } from "../terminal/text_table.ts";
import { alarmText } from "./alarms.ts";
import { rowsByAttacker } from "./compared_rows.ts";
import { partText, rangeText } from "./figure_text.ts";
import { headlineOf } from "./headline.ts";
import {
  attackLabel,
  attackNotes,
  brokenNote,
  columnLabel,
  figure,
  passesNote,
  percent,
  placeLabel,
  rightInAllText,
  sentence,
  systemTitle,
} from "./labels.ts";
import { reconstructionNote } from "./reconstruction.ts";
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
  const passes = passesNote(rows);
  const notes = [
    ...(passes === undefined ? [] : [sentence(passes)]),
    ...attackNotes(rows),
    brokenNote(rows),
    timesNote(evaluation),
    reconstructionNote(evaluation),
  ].filter((note) => note !== undefined).map((note) => `${note}.`);
  const heading = [
    ...(isUsual(evaluation) ? [] : [`attacks of the suite "${evaluation.suite}"`]),
    ...originOf(evaluation),
  ];
  return [
    ...heading,
    ...tables.map(({ title, rows }) => pivot(evaluation, title, rows)),
    ...(evaluation.curves ?? []).length > 0 ? [curveTable(evaluation)] : [],
    ...inShort(evaluation),
    ...notes,
    ...[alarmText(evaluation)].filter((text) => text !== undefined),
    ...verdictOf(evaluation),
  ].join("\n\n");
}

/** Whether the attacks are the preset's own, or those that were asked for by name. */
function isUsual({ suite = PAPER_SUITE }: Evaluation): boolean {
  return suite.startsWith(PAPER_SUITE);
}

/** What G was trained for, if not for O. */
function originOf({ target, trainedFor }: Evaluation): string[] {
  return trainedFor
    ? [`O is ${target.architecture}; G was trained for another, ${trainedFor.architecture}`]
    : [];
}

/** The headline: the worst case over all attackers beside the attack on O alone. */
function inShort(evaluation: Evaluation): string[] {
  const headline = headlineOf(evaluation);
  if (!headline) return [];
  const { systems, columns } = headline;
  const { metric: { name } } = evaluation.rows[0];
  const lines = systems.map((system) => [
    placeLabel(evaluation, system),
    ...columns.map((column) => {
      const row = column.row(system);
      return row ? `${figure(row)}${rangeText(row)}${countOf(row)}` : "–";
    }),
  ]);
  const table = textTable([["", ...columns.map(({ label }) => label)], ...lines]);
  return [`in short: ${name} in percent\n${table}`];
}

/** Points of curves, a line each. */
function curveTable(evaluation: Evaluation): string {
  const rows = evaluation.curves!;
  const lines = rows.map((row) => [
    systemTitle(evaluation, row.system),
    columnLabel(row),
    `${Number((row.settings?.epsilon ?? 0).toPrecision(3))}`,
    `${row.settings?.steps ?? ""}`,
    `${figure(row)}${rangeText(row)}${countOf(row)}`,
  ]);
  const heading = ["defense", "attack", "epsilon", "steps", rows[0].metric.name];
  return `curves: ${rows[0].metric.name} in percent\n${textTable([heading, ...lines])}`;
}

/** How many examples a figure is of, if not of all; a figure of rounded images stands behind it. */
function countOf(row: EvaluationRow): string {
  const part = partText(row);
  const eight = row.rounded ? `, 8 bit ${percent(row.rounded.value)}` : "";
  return `${part ? ` ${part}` : ""}${eight}`;
}

function pivot(evaluation: Evaluation, title: string, rows: readonly EvaluationRow[]): string {
  const [{ metric: { name, count } }] = rows;
  const attacks = [...new Set(rows.map(({ attack }) => attack))];
  const systems = [...new Set(rows.map(({ system }) => system))];
  const cell = (system: string, attack: string) => {
    const row = rows.find((row) => row.system === system && row.attack === attack);
    if (!row) return "";
    const published = publishedFigure(evaluation, row);
    const printed = published === undefined ? "" : ` [${published.toFixed(1)}]`;
    const inAll = rightInAllText(row);
    const told = inAll === undefined ? "" : ` {${inAll}}`;
    return `${figure(row)}${rangeText(row)}${countOf(row)}${told}${printed}`;
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
