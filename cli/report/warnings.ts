/**
 * What a reader of a report must know before its figures.
 *
 * @module
 */
import { type Evaluation, type EvaluationRow, worstOfAll } from "@realign/core";
import {
  type Alarm,
  fewExamplesAlarms,
  notNumberAlarms,
  raiseAlarms,
  withAlarms,
} from "@realign/core/alarms";
import type { RunRecord } from "../runs/run_record.ts";

/** What figures say against themselves besides alarms: outputs that are not numbers, few examples. */
export function rowWarnings(rows: readonly EvaluationRow[]): string[] {
  return [...notNumberAlarms(rows), ...fewExamplesAlarms(rows)];
}

/**
 * The alarms of an evaluation, each once: those that its figures raise now, as older evaluations lack some, and
 * those that it keeps.
 */
export function alarmsOf(evaluation: Evaluation): Alarm[] {
  const { rows, systems, probes, dataset: { classNames }, alarms: kept = [] } = evaluation;
  const raised = raiseAlarms({ rows, systems, probes, classCount: classNames?.length });
  const texts = new Set(raised.map(({ text }) => text));
  return [...raised, ...kept.filter(({ text }) => !texts.has(text))];
}

/** An evaluation with all its alarms, and their names beside the figures that they concern. */
export function withMarks(evaluation: Evaluation): Evaluation {
  const alarms = alarmsOf(evaluation);
  const { rows, unfinished, worst = worstOfAll(rows, unfinished) } = evaluation;
  return {
    ...evaluation,
    alarms,
    rows: withAlarms(rows, alarms),
    worst: withAlarms(worst, alarms),
  };
}

/**
 * The warnings of a run and its evaluation, each once, without those that are alarms.
 *
 * @param record The run's
 * @param evaluation Its figures, if there are any
 */
export function warningsOf(
  { warnings }: Pick<RunRecord, "warnings">,
  evaluation: Evaluation | undefined,
): string[] {
  if (!evaluation) return [...warnings];
  const all = new Set([...warnings, ...evaluation.warnings, ...rowWarnings(evaluation.rows)]);
  for (const { text } of alarmsOf(evaluation)) all.delete(text);
  return [...all];
}
