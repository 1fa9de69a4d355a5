/**
 * A sign that a network gets images that it was not made for.
 *
 * @module
 */
import type { EvaluationRow } from "./rows.ts";
import { percentText } from "./strongest.ts";
import { UNDEFENDED } from "./system.ts";

/**
 * Warns of a target model that may be no better than chance: its images, or the order of their classes, are
 * likely not those that it was trained on.
 *
 * @param rows Of all columns; those of tasks without an interval are left alone
 * @param classCount K
 * @returns A sentence, or nothing where 1 / K lies below the interval of O alone on clean images
 *
 * @example Usage
 * ```ts
 * import { chanceAlarms } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const row = (interval: [number, number]) => ({
 *   threatModel: "none",
 *   attack: "clean",
 *   settings: null,
 *   system: "none",
 *   metric: { name: "accuracy", value: interval[1], count: 100, interval },
 *   maxPerturbation: 0,
 *   seconds: 1,
 * });
 * assert.equal(chanceAlarms([row([0.7, 0.85])], 10).length, 0);
 * assert.equal(chanceAlarms([row([0.07, 0.2])], 10).length, 1);
 * ```
 */
export function chanceAlarms(rows: readonly EvaluationRow[], classCount: number): string[] {
  const clean = rows.find(({ threatModel, system }) =>
    threatModel === "none" && system === UNDEFENDED
  );
  const { interval, value, name, count } = clean?.metric ?? {};
  if (interval === undefined || interval[0] > 1 / classCount) return [];
  return [
    `O alone has ${name} ${
      percentText(value!)
    } on ${count} clean images, perhaps no better than chance ` +
    `among ${classCount} classes: check its weights, the size and normalisation of its images, and that the ` +
    "names of its classes sort in the order of its outputs",
  ];
}
