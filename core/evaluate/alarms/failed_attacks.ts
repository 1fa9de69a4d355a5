/**
 * Attacks that attacked nothing: their figures must not pass for robustness.
 *
 * @module
 */
import type { EvaluationRow } from "../rows.ts";
import type { AlarmCheck } from "./alarm.ts";

/**
 * Whether a row is of an attack that left every image as it was, so that its figure is that of clean images.
 *
 * @param row Of an evaluation
 * @returns False for clean images, worst cases, and where the attack made what is not a number
 *
 * @example Usage
 * ```ts
 * import { changedNothing } from "@realign/core/alarms";
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

/** Systems that share an attack's images share its failure: one row of each group. */
function groupsOf(rows: readonly EvaluationRow[]): EvaluationRow[] {
  const groups = Map.groupBy(
    rows.filter(({ settings }) => settings !== null),
    (row) =>
      JSON.stringify([
        row.threatModel,
        row.substitute,
        row.attack,
        row.threatModel === "oblivious" || row.substitute !== undefined || row.system,
      ]),
  );
  return [...groups.values()].map(([row]) => row);
}

/** What an alarm of such an attack says of where it stands. */
function placeOf({ system, threatModel, attack, substitute }: EvaluationRow) {
  const on = threatModel === "oblivious" ? "O alone" : substitute ?? `"${system}"`;
  return {
    place: { system, threatModel, attack, ...(substitute !== undefined && { substitute }) },
    what: `The attack ${attack} (${threatModel}) on ${on}`,
  };
}

/** Raised for an attack that left every image as it was. */
export const attackChangedNothing: AlarmCheck = {
  sign: "an attack changed no image",
  remedy: "check whether the gradient is zero, and that a step is long enough",
  find: ({ rows }) =>
    groupsOf(rows.filter(changedNothing)).map((row) => {
      const { place, what } = placeOf(row);
      return {
        ...place,
        text: `${what} changed no image: its figure is that of clean images`,
        numbers: { maxPerturbation: row.maxPerturbation },
      };
    }),
};

/** Raised for an attack that made images that are not numbers. */
export const attackNotANumber: AlarmCheck = {
  sign: "an attack made images that are not numbers",
  remedy:
    "find where the gradient is none: a logarithm or a root of 0, weights that are not numbers",
  find: ({ rows }) =>
    groupsOf(rows.filter(({ attackNotANumber }) => attackNotANumber)).map((row) => {
      const { place, what } = placeOf(row);
      const [broken, count] = [row.attackNotANumber!, row.metric.count];
      return {
        ...place,
        text:
          `${what} made ${broken} of ${count} images that are not numbers, as the gradient is none there: its figures are not of an attack`,
        numbers: { notANumber: broken, count },
      };
    }),
};
