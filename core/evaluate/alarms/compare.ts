/**
 * Comparing figures, for alarms: which is lower, by more than chance explains.
 *
 * @module
 */
import type { EvaluationRow } from "../rows.ts";
import { isWorstCase } from "../worst_cases.ts";

/** In `[0, 1]`: smaller differences of a metric without an interval may be chance. */
export const MARGIN = 0.01;

/** In `[0, 1]`: what AutoAttack allows Square to take after its gradient attacks (0.2 points). */
export const LEAST_MARGIN = 0.002;

/** Standard deviations of a 95 % interval. */
const DEVIATIONS = 1.96;

/** Attacks that ask for decisions or scores only; `settings.name` of a row. */
const WITHOUT_GRADIENT = new Set(["square", "hop-skip-jump", "noise"]);

/** The parts of a row that are compared. */
export type Compared = Pick<EvaluationRow, "metric" | "outcomes" | "passes">;

/** Whether a row is of an attack that needs no gradient. */
export function needsNoGradient({ settings, threatModel }: EvaluationRow): boolean {
  return threatModel === "black-box" || WITHOUT_GRADIENT.has(settings?.name ?? "");
}

/** The rows of single attacks on a system. */
export function attacksOn(rows: readonly EvaluationRow[], name: string): EvaluationRow[] {
  return rows.filter((row) =>
    row.system === name && row.threatModel !== "none" && !isWorstCase(row)
  );
}

/** A system's row on clean images. */
export function cleanOf(rows: readonly EvaluationRow[], name: string): EvaluationRow | undefined {
  return rows.find(({ threatModel, system }) => threatModel === "none" && system === name);
}

/** The row with the lowest metric; the first of equal ones, undefined if there are none. */
export function leastOf(rows: readonly EvaluationRow[]): EvaluationRow | undefined {
  return rows.toSorted((a, b) => a.metric.value - b.metric.value)[0];
}

/**
 * Whether a figure lies below another by more than a margin, and by more than chance explains: where both
 * count the same examples once, by McNemar's test; else by the intervals of two proportions; of a metric without
 * intervals, by {@linkcode MARGIN}.
 *
 * @param lower A row
 * @param higher Another one
 * @param margin In `[0, 1]`
 */
export function isBelow(lower: Compared, higher: Compared, margin: number): boolean {
  const difference = higher.metric.value - lower.metric.value;
  if (!(difference > margin)) return false;
  const [one, other] = [lower, higher].map(outcomesOf);
  if (one && other && one.length === other.length) {
    const only = (here: string, there: string) =>
      Array.from(here).filter((right, index) => right === "1" && there[index] !== "1").length;
    const [gained, lost] = [only(other, one), only(one, other)];
    return gained - lost > DEVIATIONS * Math.sqrt(gained + lost);
  }
  if (lower.metric.interval && higher.metric.interval) {
    const variance = ({ metric: { value, count } }: Compared) => value * (1 - value) / count;
    return difference > DEVIATIONS * Math.sqrt(variance(lower) + variance(higher));
  }
  return difference > Math.max(margin, MARGIN);
}

/** Outcomes that the figure is the mean of; those of several passes say what was right in all of them. */
function outcomesOf({ outcomes, passes }: Compared): string | undefined {
  return passes === undefined ? outcomes : undefined;
}

/** A share in `[0, 1]`, in percent. */
export function percentText(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
