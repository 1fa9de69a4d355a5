/**
 * Which rows of an evaluation are compared in class tables and curves.
 *
 * @module
 */
import {
  type EvaluatedSystem,
  type Evaluation,
  type EvaluationRow,
  UNDEFENDED,
} from "@realign/core";
import { attackLabel } from "./labels.ts";

/** A row with its display label. */
export interface ComparedRow {
  readonly label: string;
  readonly row: EvaluationRow;
}

/** A system's row with the lowest metric under a threat model; the first of equal ones. */
export function leastRow(
  rows: readonly EvaluationRow[],
  threatModel: string,
  system: string,
): EvaluationRow | undefined {
  return rows.filter((row) => row.threatModel === threatModel && row.system === system)
    .sort((a, b) => a.metric.value - b.metric.value)[0];
}

/**
 * The attack with the lowest metric of O alone, shown in pictures and curves; the first of equal ones.
 *
 * @returns O's row; undefined where none was measured
 */
export function strongestRow(rows: readonly EvaluationRow[]): EvaluationRow | undefined {
  const single = rows.filter(({ attack }) => attack !== "worst case");
  return leastRow(single, "oblivious", UNDEFENDED);
}

/** The systems that an evaluation is about: those trained for O, else the first that has a defense. */
export function subjectsOf({ systems }: Pick<Evaluation, "systems">): EvaluatedSystem[] {
  const trained = systems.filter(({ role }) => role === "subject");
  return trained.length > 0 ? trained : systems.filter(({ role }) => role === "other").slice(0, 1);
}

/** Clean and under the strongest attack of O alone: O, what changes nothing by design, and the subjects. */
export function comparedRows(evaluation: Evaluation): ComparedRow[] {
  const { rows, systems } = evaluation;
  const strongest = strongestRow(rows)?.attack;
  const attacked = attackLabel(strongest ?? "");
  const subjects = subjectsOf(evaluation);
  const controls = systems.filter(({ role }) => role === "control");
  const wanted: [string, string | undefined, string][] = [
    ["Clean", "clean", UNDEFENDED],
    ...named("Clean", "clean", subjects),
    [attacked, strongest, UNDEFENDED],
    ...named(attacked, strongest, controls),
    ...named(attacked, strongest, subjects),
  ];
  return wanted.flatMap(([label, attack, system]) => {
    const row = rows.find((row) =>
      row.attack === attack && row.system === system &&
      (row.threatModel === "none" || row.threatModel === "oblivious")
    );
    return row ? [{ label, row }] : [];
  });
}

function named(
  label: string,
  attack: string | undefined,
  systems: readonly EvaluatedSystem[],
): [string, string | undefined, string][] {
  return systems.map(({ name, title }) => [`${label}, ${title}`, attack, name]);
}
