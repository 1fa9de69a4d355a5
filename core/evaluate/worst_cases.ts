/**
 * Derived from all rows of an evaluation: worst cases, and signs of masked gradients.
 *
 * @module
 */
import { wilsonInterval } from "./interval.ts";
import { attackersIn, type EvaluationRow } from "./rows.ts";
import { leastUnder, MARGIN, percentText, strongestOf } from "./strongest.ts";

/**
 * The worst case over the attacks of each attacker: an example counts only if O is right on it clean and
 * under every attack, behind a random defense in all passes. For tasks with one outcome per example.
 *
 * @param rows Of all columns
 * @returns A row for each attacker (threat model, substitute) and system that was attacked, named "worst case"
 *
 * @example Usage
 * ```ts
 * import { worstCases } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const row = (attack: string, outcomes: string) => ({
 *   threatModel: "oblivious",
 *   attack,
 *   settings: null,
 *   system: "generator",
 *   metric: { name: "accuracy", value: 0.75, count: 4 },
 *   maxPerturbation: 0.031,
 *   seconds: 1,
 *   outcomes,
 * });
 * const [worst] = worstCases([row("pgd", "1101"), row("deepfool", "0111")]);
 * assert.equal(worst.metric.value, 0.5);
 * ```
 */
export function worstCases(rows: readonly EvaluationRow[]): EvaluationRow[] {
  const clean = new Map(
    rows.filter(({ threatModel }) => threatModel === "none").map((row) => [row.system, row]),
  );
  const groups = Map.groupBy(
    rows.filter((row) =>
      row.threatModel !== "none" && row.outcomes !== undefined && row.attack !== "worst case"
    ),
    ({ threatModel, substitute, system }) => JSON.stringify([threatModel, substitute, system]),
  );
  return [...groups.values()].map((attacked): EvaluationRow => {
    const [{ threatModel, substitute, system, metric }] = attacked;
    const all = [clean.get(system), ...attacked].filter((row) =>
      row?.outcomes?.length === attacked[0].outcomes!.length
    );
    const outcomes = Array.from(
      attacked[0].outcomes!,
      (_, index) => all.every((row) => row!.outcomes![index] === "1") ? "1" : "0",
    ).join("");
    const notANumber = Math.max(...all.map((row) => row!.notANumber ?? 0));
    const attackNotANumber = Math.max(...all.map((row) => row!.attackNotANumber ?? 0));
    const passes = Math.max(...all.map((row) => row!.passes ?? 1));
    const right = outcomes.split("1").length - 1;
    return {
      threatModel,
      attack: "worst case",
      settings: null,
      system,
      ...(substitute !== undefined && { substitute }),
      metric: {
        name: metric.name,
        value: right / outcomes.length,
        count: outcomes.length,
        interval: wilsonInterval(right, outcomes.length),
      },
      ...(passes > 1 && { passes, rightInAll: right / outcomes.length }),
      maxPerturbation: Math.max(...attacked.map((row) => row.maxPerturbation)),
      seconds: 0,
      outcomes,
      ...(notANumber > 0 && { notANumber }),
      ...(attackNotANumber > 0 && { attackNotANumber }),
    };
  });
}

/**
 * Signs of gradient masking: warnings for the report.
 *
 * @param rows Of all columns
 * @param systems What was measured; one without a defense has no gradient that could be masked
 * @returns A sentence for each system that looks stronger to an attacker who knows it than to one who does
 * not, the one who does the most damage
 *
 * @example Usage
 * ```ts
 * import { maskingAlarms } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const row = (threatModel: string, value: number) => ({
 *   threatModel,
 *   attack: "pgd",
 *   settings: null,
 *   system: "generator",
 *   metric: { name: "accuracy", value, count: 100 },
 *   maxPerturbation: 0.031,
 *   seconds: 1,
 * });
 * const systems = [{ name: "generator", defense: {} }];
 * assert.equal(maskingAlarms([row("oblivious", 0.6), row("whitebox", 0.1)], systems).length, 0);
 * assert.equal(maskingAlarms([row("oblivious", 0.6), row("whitebox", 0.9)], systems).length, 1);
 * ```
 */
export function maskingAlarms(
  rows: readonly EvaluationRow[],
  systems: readonly { readonly name: string; readonly defense?: object }[],
): string[] {
  const attackers = attackersIn(rows).filter(({ threatModel }) => threatModel !== "whitebox");
  return systems.filter(({ defense }) => defense).flatMap(({ name: system }) => {
    const through = leastUnder(rows, { threatModel: "whitebox" }, system);
    const strongest = strongestOf(attackers, rows, system);
    if (!strongest || through === Infinity || through <= strongest.left + MARGIN) return [];
    const { threatModel, substitute = "O alone", left } = strongest;
    return [
      `Attacks that know "${system}" (whitebox) leave ${
        percentText(through)
      }, attacks on ${substitute} (${threatModel}) leave ${
        percentText(left)
      }: an attacker who knows more should do at least as much damage. The gradient ` +
      `through "${system}" is likely masked, so its whitebox figures are too high`,
    ];
  });
}
