/**
 * What a reader of a report must know before its figures.
 *
 * @module
 */
import {
  type Evaluation,
  type EvaluationRow,
  failedAttackAlarms,
  fewExamplesAlarms,
  maskingAlarms,
  notNumberAlarms,
  specificAlarms,
} from "@realign/core";
import type { RunRecord } from "../runs/run_record.ts";

/**
 * What figures say against themselves: masked gradients, defenses specific to O, outputs that are not numbers, attacks that attacked
 * nothing, few examples.
 *
 * @param rows Of all columns
 * @param systems What was measured
 */
export function alarmsOf(
  rows: readonly EvaluationRow[],
  systems: Parameters<typeof maskingAlarms>[1],
): string[] {
  // Figures of different examples do not compare.
  const whole = rows.filter(({ measured }) => measured === undefined);
  return [
    maskingAlarms(whole, systems),
    specificAlarms(whole, systems),
    notNumberAlarms(rows),
    failedAttackAlarms(rows),
    fewExamplesAlarms(rows),
  ].flat();
}

/**
 * The warnings of a run and its evaluation, each once. Alarms are raised anew, as older evaluations lack some.
 *
 * @param record The run's
 * @param evaluation Its figures, if there are any
 */
export function warningsOf(
  { warnings }: Pick<RunRecord, "warnings">,
  evaluation: Evaluation | undefined,
): string[] {
  if (!evaluation) return [...warnings];
  const systems = evaluation.systems.map(({ name, defenses }) =>
    defenses.length > 0 ? { name, defense: defenses } : { name }
  );
  const alarms = alarmsOf(evaluation.rows, systems);
  return [...new Set([...warnings, ...evaluation.warnings, ...alarms])];
}
