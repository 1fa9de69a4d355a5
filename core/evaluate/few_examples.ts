/**
 * Figures of few examples: said, so that no difference is read into them that chance explains.
 *
 * @module
 */
import type { EvaluationRow } from "./rows.ts";

/** With fewer, the 95 % interval of a proportion may reach further than ten points to either side. */
const FEW = 100;

/**
 * What a reader must know of figures of fewer than 100 examples.
 *
 * @param rows Of all columns
 * @returns A sentence, or none
 *
 * @example Usage
 * ```ts
 * import { fewExamplesAlarms } from "@realign/core/alarms";
 * import assert from "node:assert/strict";
 *
 * const row = {
 *   threatModel: "none",
 *   attack: "clean",
 *   settings: null,
 *   system: "none",
 *   metric: { name: "accuracy", value: 0.5, count: 16, interval: [0.28, 0.72] as const },
 *   maxPerturbation: 0,
 *   seconds: 1,
 * };
 * assert.match(fewExamplesAlarms([row])[0], /^only 16 examples .* 44 points wide/);
 * ```
 */
export function fewExamplesAlarms(rows: readonly EvaluationRow[]): string[] {
  const count = Math.min(...rows.map(({ metric }) => metric.count));
  if (!(count < FEW)) return [];
  const widths = rows.flatMap(({ metric: { interval } }) =>
    interval ? [interval[1] - interval[0]] : []
  );
  const width = widths.length > 0
    ? `95 % intervals are up to ${(100 * Math.max(...widths)).toFixed(0)} points wide`
    : "differences of several points may be chance";
  return [
    `only ${count} ${count === 1 ? "example was" : "examples were"} measured: ${width}; ` +
    `measure at least ${FEW}`,
  ];
}
