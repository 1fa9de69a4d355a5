/**
 * Which rows of an evaluation are compared in class tables and curves.
 *
 * @module
 */
import {
  type Attacker,
  attackersIn,
  type EvaluatedSystem,
  type Evaluation,
  type EvaluationRow,
  isBy,
  isWorstCase,
  UNDEFENDED,
  worstOfAll,
} from "@realign/core";
import { columnLabel, placeLabel, threatModelsIn } from "./labels.ts";

/** A row with its display label. */
export interface ComparedRow {
  readonly label: string;
  readonly row: EvaluationRow;
}

/** What an attacker's table shows: the rows of its attacks, after the clean ones of the systems that it attacked. */
export interface AttackerRows {
  readonly attacker: Attacker;
  readonly rows: readonly EvaluationRow[];
}

/** The rows of each attacker's table, in the order that they were measured; none if nothing was attacked. */
export function rowsByAttacker(rows: readonly EvaluationRow[]): AttackerRows[] {
  return attackersIn(rows).map((attacker) => {
    const attacked = rows.filter((row) => isBy(row, attacker));
    const systems = new Set(attacked.map(({ system }) => system));
    const clean = rows.filter((row) => row.threatModel === "none" && systems.has(row.system));
    return { attacker, rows: [...clean, ...attacked] };
  });
}

/** The row with the lowest metric; the first of equal ones, undefined where there is none. */
export function leastOf(rows: readonly EvaluationRow[]): EvaluationRow | undefined {
  return rows.toSorted((a, b) => a.metric.value - b.metric.value)[0];
}

/** A system's row with the lowest metric under a threat model; the first of equal ones. */
export function leastRow(
  rows: readonly EvaluationRow[],
  threatModel: string,
  system: string,
): EvaluationRow | undefined {
  return leastOf(rows.filter((row) => row.threatModel === threatModel && row.system === system));
}

/**
 * The attack with the lowest metric of O alone, shown in pictures and curves; the first of equal ones.
 *
 * @returns O's row; undefined where none was measured
 */
export function strongestRow(rows: readonly EvaluationRow[]): EvaluationRow | undefined {
  const single = rows.filter((row) => !isWorstCase(row));
  return leastRow(single, "oblivious", UNDEFENDED);
}

/** The systems that an evaluation is about: those trained for O, else the first that has a defense. */
export function subjectsOf({ systems }: Pick<Evaluation, "systems">): EvaluatedSystem[] {
  const trained = systems.filter(({ role }) => role === "subject");
  return trained.length > 0 ? trained : systems.filter(({ role }) => role === "other").slice(0, 1);
}

/** What all attackers together leave of a system; undefined where it was not attacked. */
export function worstRow(
  { rows, unfinished, worst }: Pick<Evaluation, "rows" | "unfinished" | "worst">,
  system: string,
): EvaluationRow | undefined {
  return (worst ?? worstOfAll(rows, unfinished)).find((row) => row.system === system);
}

/** The threat models besides the oblivious one under which a system was attacked, e.g. "whitebox". */
export function otherThreatModels({ rows }: Pick<Evaluation, "rows">, system: string): string[] {
  return threatModelsIn(rows.filter((row) => row.system === system))
    .filter((name) => name !== "oblivious");
}

/**
 * Clean and under the strongest attack of O alone: O, what changes nothing by design, and the subjects; then
 * the subjects under whatever leaves them least for each other attacker.
 */
export function comparedRows(evaluation: Evaluation): ComparedRow[] {
  const { rows, systems } = evaluation;
  const single = rows.filter((row) => !isWorstCase(row));
  const strongest = strongestRow(rows);
  const subjects = subjectsOf(evaluation);
  const controls = systems.filter(({ role }) => role === "control");
  const clean = (system: string) =>
    rows.find((row) => row.threatModel === "none" && row.system === system);
  const attacked = (system: string) => strongest && sameAttack(rows, strongest, system);
  const wanted = [
    clean(UNDEFENDED),
    ...subjects.map(({ name }) => clean(name)),
    strongest,
    ...[...controls, ...subjects].map(({ name }) => attacked(name)),
    ...subjects.flatMap(({ name }) =>
      otherThreatModels(evaluation, name).map((model) => leastRow(single, model, name))
    ),
  ];
  return wanted.filter((row) => row !== undefined).map((row) => ({
    label: `${placeLabel(evaluation, row.system)}: ${columnLabel(row)}`,
    row,
  }));
}

/** The row of another system on the same images: of the same attack by the same attacker. */
export function sameAttack(
  rows: readonly EvaluationRow[],
  column: Attacker & Pick<EvaluationRow, "attack">,
  system: string,
): EvaluationRow | undefined {
  return rows.find((row) =>
    isBy(row, column) && row.attack === column.attack && row.system === system
  );
}
