/**
 * Signs of a defense that knows only the attacks on one network.
 *
 * @module
 */
import { attackersIn, type EvaluationRow } from "./rows.ts";
import { leastUnder, MARGIN, percentText, strongestOf } from "./strongest.ts";

/**
 * Warns where images made on a substitute do more damage than images made on O: what a defense has learnt to
 * undo is then specific to O. The paper's own figures show it (Table 12's are below Table 1's).
 *
 * @param rows Of all columns
 * @param systems What was measured; one without a defense undoes nothing
 * @returns A sentence for each such system, with the strongest substitute
 *
 * @example Usage
 * ```ts
 * import { specificAlarms } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const row = (threatModel: string, value: number, more = {}) => ({
 *   threatModel,
 *   attack: "pgd",
 *   settings: null,
 *   system: "generator",
 *   metric: { name: "accuracy", value, count: 100 },
 *   maxPerturbation: 0.031,
 *   seconds: 1,
 *   ...more,
 * });
 * const systems = [{ name: "generator", defense: {} }];
 * const rows = [row("oblivious", 0.7), row("transfer", 0.4, { substitute: "resnet50" })];
 * assert.match(specificAlarms(rows, systems)[0], /on resnet50 \(transfer\) leave 40\.0 %/);
 * assert.deepEqual(specificAlarms([row("oblivious", 0.4), row("transfer", 0.7)], systems), []);
 * ```
 */
export function specificAlarms(
  rows: readonly EvaluationRow[],
  systems: readonly { readonly name: string; readonly defense?: object }[],
): string[] {
  const substitutes = attackersIn(rows).filter(({ substitute }) => substitute !== undefined);
  return systems.filter(({ defense }) => defense).flatMap(({ name }) => {
    const onTarget = leastUnder(rows, { threatModel: "oblivious" }, name);
    const strongest = strongestOf(substitutes, rows, name);
    if (!strongest || onTarget === Infinity || strongest.left >= onTarget - MARGIN) return [];
    const { substitute, threatModel, left } = strongest;
    return [
      `Attacks on ${substitute} (${threatModel}) leave ${
        percentText(left)
      } behind "${name}", attacks on O alone (oblivious) ${
        percentText(onTarget)
      }: who knows less does more damage. "${name}" undoes what is specific to attacks on O, so its ` +
      `oblivious figures do not hold for other attackers`,
    ];
  });
}
