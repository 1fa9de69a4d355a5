/**
 * In which order columns are measured, so that what matters most is there when time is over.
 *
 * @module
 */
import type { Column } from "./columns.ts";

/** Threat models in the order of what their attackers can do; others come after them. */
const STRONGEST_FIRST = ["none", "submitted", "whitebox", "transfer", "oblivious", "black-box"];

/**
 * The order in which columns are measured: clean images, then the strongest attackers, then the others; curves at
 * the end. Questions without a gradient need the most time and are asked last. Within a threat model the preset's
 * order stays.
 *
 * @param columns In table order
 * @returns The same columns' places in that order
 *
 * @example Usage
 * ```ts
 * import { type Column, measuringOrder } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const columns = ["none", "oblivious", "whitebox"].map((threatModel): Column<never> => ({
 *   threatModel,
 *   attack: "pgd",
 *   settings: null,
 *   systems: [],
 * }));
 * assert.deepEqual(measuringOrder(columns), [0, 2, 1]);
 * ```
 */
export function measuringOrder(
  columns: readonly Pick<Column<never>, "threatModel" | "curve">[],
): number[] {
  const rank = ({ threatModel, curve }: Pick<Column<never>, "threatModel" | "curve">) => {
    const place = STRONGEST_FIRST.indexOf(threatModel);
    return (curve ? STRONGEST_FIRST.length + 1 : 0) +
      (place === -1 ? STRONGEST_FIRST.length : place);
  };
  return columns.map((_, index) => index)
    .sort((a, b) => rank(columns[a]) - rank(columns[b]) || a - b);
}
