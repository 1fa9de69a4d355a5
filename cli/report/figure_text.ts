/**
 * What stands beside a measured figure.
 *
 * @module
 */
import type { EvaluationRow } from "@realign/core";
import { percent } from "./labels.ts";

/** The ends of a figure's interval, e.g. "80.1 – 84.3"; undefined where it has none. */
export function intervalText({ metric: { interval } }: EvaluationRow): string | undefined {
  return interval && interval.map(percent).join(" – ");
}

/** The same for a terminal, behind a figure, e.g. " (80.1–84.3)"; empty where it has none. */
export function rangeText({ metric: { interval } }: EvaluationRow): string {
  return interval ? ` (${interval.map(percent).join("–")})` : "";
}

/** How many examples a figure is of, e.g. "n = 300", where it is not of all. */
export function partText({ measured, metric }: EvaluationRow): string | undefined {
  return measured === undefined ? undefined : `n = ${metric.count}`;
}
