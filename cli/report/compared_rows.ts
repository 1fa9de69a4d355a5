/**
 * Which rows of an evaluation stand side by side where one figure a row is not enough.
 *
 * @module
 */
import type { Evaluation, EvaluationRow } from "@realign/core";
import { attackLabel } from "./labels.ts";

/** A row with what readers know it by. */
export interface ComparedRow {
  readonly label: string;
  readonly row: EvaluationRow;
}

/** The row of a defense under the attacker that leaves the least of it; of equal ones the first. */
export function leastRow(
  rows: readonly EvaluationRow[],
  threatModel: EvaluationRow["threatModel"],
  defense: string,
): EvaluationRow | undefined {
  return rows.filter((row) => row.threatModel === threatModel && row.defense === defense)
    .sort((a, b) => a.metric.value - b.metric.value)[0];
}

/**
 * The attack that leaves the least of O alone, what pictures and curves show; of equal ones the first.
 *
 * @returns Its name; undefined where none was measured
 */
export function strongestAttack(rows: readonly EvaluationRow[]): string | undefined {
  const single = rows.filter(({ attack }) => attack !== "worst case");
  return leastRow(single, "oblivious", "none")?.attack;
}

/** Clean and under the strongest attack of O alone: without a defense, after resizing, and through G. */
export function comparedRows({ rows }: Evaluation): ComparedRow[] {
  const attack = strongestAttack(rows);
  const wanted: [string, string | undefined, string][] = [
    ["Clean", "clean", "none"],
    ["Clean, through G", "clean", "generator"],
    [`${attackLabel(attack ?? "")}`, attack, "none"],
    [`${attackLabel(attack ?? "")}, resized only`, attack, "identity"],
    [`${attackLabel(attack ?? "")}, through G`, attack, "generator"],
  ];
  return wanted.flatMap(([label, attack, defense]) => {
    const row = rows.find((row) =>
      row.attack === attack && row.defense === defense && row.threatModel !== "whitebox"
    );
    return row ? [{ label, row }] : [];
  });
}
