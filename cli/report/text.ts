/**
 * An evaluation as text for a terminal.
 *
 * @module
 */
import type { Evaluation, EvaluationRow } from "@realign/core";
import { attackLabel, defenseLabel, percent } from "./labels.ts";
import { textTable } from "../terminal/text_table.ts";

/** One table a threat model, defenses by attacks: value and 95 % interval, the paper's figure. */
export function evaluationTable({ rows }: Evaluation): string {
  const clean = rows.filter(({ threatModel }) => threatModel === "none");
  const tables = (["oblivious", "whitebox"] as const).map((model) => {
    const attacked = rows.filter(({ threatModel }) => threatModel === model);
    const defenses = new Set(attacked.map(({ defense }) => defense));
    const own = clean.filter(({ defense }) => defenses.has(defense));
    return { title: `${model} attacker`, rows: [...own, ...attacked] };
  }).filter(({ rows }) => rows.length > 0);
  if (tables.length === 0) tables.push({ title: "no attacker", rows: clean });
  return tables.map(({ title, rows }) => pivot(title, rows)).join("\n\n");
}

function pivot(title: string, rows: readonly EvaluationRow[]): string {
  const [{ metric: { name, count } }] = rows;
  const attacks = [...new Set(rows.map(({ attack }) => attack))];
  const defenses = [...new Set(rows.map(({ defense }) => defense))];
  const cell = (defense: string, attack: string) => {
    const row = rows.find((row) => row.defense === defense && row.attack === attack);
    if (!row) return "";
    const { metric: { value, interval }, paper } = row;
    const range = interval ? ` (${interval.map(percent).join("–")})` : "";
    return `${percent(value)}${range}${paper === undefined ? "" : ` [${paper.toFixed(1)}]`}`;
  };
  const notes = [
    rows.some(({ metric }) => metric.interval) ? " (95 % interval)" : "",
    rows.some(({ paper }) => paper !== undefined) ? " [paper]" : "",
  ];
  const caption = `${title}: ${name} in percent, n = ${count}${notes.join("")}`;
  const heading = ["defense", ...attacks.map(attackLabel)];
  const lines = defenses.map((
    defense,
  ) => [defenseLabel(defense), ...attacks.map((attack) => cell(defense, attack))]);
  return `${caption}\n${textTable([heading, ...lines])}`;
}
