/**
 * Derived from all rows of an evaluation: worst cases.
 *
 * @module
 */
import { wilsonInterval } from "./interval.ts";
import type { EvaluationRow } from "./rows.ts";

/**
 * The worst case over the attacks of each attacker: an example counts only if O is right on it clean and
 * under every attack. For tasks with one outcome per example.
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
      maxPerturbation: Math.max(...attacked.map((row) => row.maxPerturbation)),
      seconds: 0,
      outcomes,
      ...(notANumber > 0 && { notANumber }),
      ...(attackNotANumber > 0 && { attackNotANumber }),
    };
  });
}
