/**
 * What attackers leave of a system, for the warnings that compare them.
 *
 * @module
 */
import { type Attacker, type EvaluationRow, isBy } from "./rows.ts";

/** In `[0, 1]`: smaller differences may be chance. */
export const MARGIN = 0.01;

/** An attacker, and what the strongest single attack of it leaves. */
export interface Strongest extends Attacker {
  /** The metric's value, in `[0, 1]`; Infinity if there is no attack. */
  readonly left: number;
}

/** What the strongest single attack of an attacker leaves; Infinity if there is none. */
export function leastUnder(
  rows: readonly EvaluationRow[],
  attacker: Attacker,
  system: string,
): number {
  return Math.min(
    ...rows.filter((row) =>
      isBy(row, attacker) && row.system === system && row.attack !== "worst case"
    ).map(({ metric }) => metric.value),
  );
}

/** The attacker who leaves least of a system; the first of equal ones, undefined if there are none. */
export function strongestOf(
  attackers: readonly Attacker[],
  rows: readonly EvaluationRow[],
  system: string,
): Strongest | undefined {
  const [strongest] = attackers
    .map((attacker) => ({ ...attacker, left: leastUnder(rows, attacker, system) }))
    .sort((a, b) => a.left - b.left);
  return strongest;
}

/** A share in `[0, 1]`, in percent. */
export function percentText(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
