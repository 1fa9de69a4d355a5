/**
 * Figures of systems that are measured on clean images.
 *
 * @module
 */
import type { Evaluation, EvaluationRow } from "@realign/core";
import { placeLabel } from "./labels.ts";

/** A system's row of clean images. */
export function cleanRow(
  { rows }: Pick<Evaluation, "rows">,
  name: string,
): EvaluationRow | undefined {
  return rows.find(({ threatModel, system }) => threatModel === "none" && system === name);
}

/** What is known of each system, e.g. "O alone 1.2 ms; Behind G 4.6 ms"; undefined where nothing is known of any. */
export function perSystem(
  evaluation: Evaluation,
  textOf: (evaluation: Evaluation, name: string) => string | undefined,
): string | undefined {
  const texts = evaluation.systems.flatMap(({ name }) => {
    const text = textOf(evaluation, name);
    return text === undefined ? [] : [`${placeLabel(evaluation, name)} ${text}`];
  });
  return texts.length === 0 ? undefined : texts.join("; ");
}

/** Two digits, e.g. "4.2", "0.013" or "120". */
export function twoDigits(value: number): string {
  return Number(value.toPrecision(2)).toString();
}
