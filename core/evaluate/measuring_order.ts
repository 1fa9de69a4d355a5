/**
 * In which order columns are measured, so that what matters most is there when time is over.
 *
 * @module
 */
import type { Column } from "./columns.ts";

/** Threat models in the order of what their attackers can do; others come after them. */
const STRONGEST_FIRST = ["none", "submitted", "whitebox", "transfer", "oblivious", "black-box"];

/** What an order follows from. */
type Ranked = Pick<Column<unknown>, "threatModel" | "curve" | "attacked">;

/**
 * The order in which columns are measured: clean images, then the strongest attackers, then the others; curves at
 * the end. Questions without a gradient need the most time and are asked last. Within a threat model, attacks
 * through a defense go before those on a target model alone; else the preset's order stays.
 *
 * @param columns In table order
 * @returns The same columns' places in that order
 *
 * @example Usage
 * ```ts
 * import { measuringOrder } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const columns = ["none", "oblivious", "whitebox"].map((threatModel) => ({ threatModel }));
 * assert.deepEqual(measuringOrder(columns), [0, 2, 1]);
 * ```
 */
export function measuringOrder(columns: readonly Ranked[]): number[] {
  const ranks = columns.map(({ threatModel, curve, attacked }) => {
    const place = STRONGEST_FIRST.indexOf(threatModel);
    return [
      curve ? 1 : 0,
      place === -1 ? STRONGEST_FIRST.length : place,
      attacked && !attacked.defense ? 1 : 0,
    ];
  });
  return columns.map((_, index) => index).sort((a, b) => {
    const part = ranks[a].findIndex((rank, part) => rank !== ranks[b][part]);
    return part === -1 ? a - b : ranks[a][part] - ranks[b][part];
  });
}
