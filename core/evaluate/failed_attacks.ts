/**
 * Attacks that attacked nothing: their figures must not pass for robustness.
 *
 * @module
 */
import type { EvaluationRow } from "./rows.ts";

/**
 * Whether a row is of an attack that left every image as it was, so that its figure is that of clean images.
 *
 * @param row Of an evaluation
 * @returns False for clean images, worst cases, and where the attack made what is not a number
 *
 * @example Usage
 * ```ts
 * import { changedNothing } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const settings = { name: "pgd", epsilon: 0.1 };
 * assert.ok(changedNothing({ settings, maxPerturbation: 0 }));
 * assert.ok(!changedNothing({ settings, maxPerturbation: 0.1 }));
 * assert.ok(!changedNothing({ settings: null, maxPerturbation: 0 }));
 * ```
 */
export function changedNothing(
  { settings, maxPerturbation, attackNotANumber }: Pick<
    EvaluationRow,
    "settings" | "maxPerturbation" | "attackNotANumber"
  >,
): boolean {
  return settings !== null && maxPerturbation === 0 && !attackNotANumber;
}

/**
 * What a reader must know of attacks that changed nothing, or made what is not a number.
 *
 * @param rows Of all columns
 * @returns A sentence for each such attack
 *
 * @example Usage
 * ```ts
 * import { failedAttackAlarms } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const row = {
 *   threatModel: "whitebox",
 *   attack: "pgd",
 *   settings: { name: "pgd", epsilon: 0.1 },
 *   system: "generator",
 *   metric: { name: "accuracy", value: 0.5, count: 4 },
 *   maxPerturbation: 0.1,
 *   seconds: 1,
 * };
 * assert.deepEqual(failedAttackAlarms([row]), []);
 * assert.deepEqual(failedAttackAlarms([{ ...row, maxPerturbation: 0 }]), [
 *   'The attack pgd (whitebox) on "generator" changed no image: its figure is that of clean images',
 * ]);
 * ```
 */
export function failedAttackAlarms(rows: readonly EvaluationRow[]): string[] {
  const failed = rows.filter((row) =>
    row.settings !== null && (row.attackNotANumber || changedNothing(row))
  );
  // Systems that share an attack's images share its failure.
  const groups = Map.groupBy(
    failed,
    (row) =>
      JSON.stringify([
        row.threatModel,
        row.substitute,
        row.attack,
        row.threatModel === "oblivious" || row.substitute !== undefined || row.system,
      ]),
  );
  return [...groups.values()].map(([{ threatModel, attack, system, metric, ...row }]) => {
    const on = threatModel === "oblivious" ? "O alone" : row.substitute ?? `"${system}"`;
    const what = `The attack ${attack} (${threatModel}) on ${on}`;
    return row.attackNotANumber
      ? `${what} made ${row.attackNotANumber} of ${metric.count} images that are not numbers, as the gradient is none there: its figures are not of an attack`
      : `${what} changed no image: its figure is that of clean images`;
  });
}
