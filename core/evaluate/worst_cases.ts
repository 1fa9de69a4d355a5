/**
 * Derived from all rows of an evaluation: worst cases.
 *
 * @module
 */
import { wilsonInterval } from "./interval.ts";
import { attackerBehind, type EvaluationRow, isBy, type UnfinishedColumn } from "./rows.ts";

/**
 * The worst case over the attacks of each attacker: an example counts only if O is right on it clean and
 * under every attack, behind a random defense in all passes. For tasks with one outcome per example; where time was
 * over, over the examples that were measured under all attacks.
 *
 * @param rows Of all columns
 * @param unfinished What was not measured to its end: a worst case names the attacks that it lacks
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
export function worstCases(
  rows: readonly EvaluationRow[],
  unfinished: readonly UnfinishedColumn[] = [],
): EvaluationRow[] {
  const groups = Map.groupBy(
    attackedIn(rows).filter(({ outcomes }) => outcomes !== undefined),
    ({ threatModel, substitute, system }) => JSON.stringify([threatModel, substitute, system]),
  );
  return [...groups.values()].map((attacked): EvaluationRow => {
    const [{ system }] = attacked;
    const attacker = attackerBehind(attacked[0]);
    const without = unfinished.filter((column) => isBy(column, attacker));
    return { ...worstOf(rows, attacked, notBegun(without, system)), ...attacker };
  });
}

/** The threat model of {@linkcode worstOfAll}'s rows: whoever knows most can also do what the others do. */
export const ANY_ATTACKER = "any";

/**
 * The least that all attackers together leave of each system. For tasks with one outcome per example: an example
 * counts only if O is right on it clean and under every attack of every attacker. For others: the row of the
 * single attack that leaves least, or of clean images if they leave less.
 *
 * @param rows Of all columns
 * @param unfinished What was not measured to its end
 * @returns A row for each system that was attacked, of the threat model "any" where it joins several attacks
 *
 * @example Usage
 * ```ts
 * import { worstOfAll } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const row = (threatModel: string, outcomes: string) => ({
 *   threatModel,
 *   attack: "pgd",
 *   settings: null,
 *   system: "generator",
 *   metric: { name: "accuracy", value: 0.75, count: 4 },
 *   maxPerturbation: 0.031,
 *   seconds: 1,
 *   outcomes,
 * });
 * const [worst] = worstOfAll([row("oblivious", "1101"), row("whitebox", "0111")]);
 * assert.deepEqual([worst.threatModel, worst.metric.value], ["any", 0.5]);
 * ```
 */
export function worstOfAll(
  rows: readonly EvaluationRow[],
  unfinished: readonly UnfinishedColumn[] = [],
): EvaluationRow[] {
  const groups = Map.groupBy(attackedIn(rows), ({ system }) => system);
  return [...groups.entries()].map(([system, attacked]) => {
    const decided = attacked.filter(({ outcomes }) => outcomes !== undefined);
    const without = notBegun(
      unfinished.map((column) => ({
        ...column,
        attack: `${column.attack} (${column.threatModel})`,
      })),
      system,
    );
    if (decided.length > 0) return worstOf(rows, decided, without);
    // Who attacks may leave an image as it is.
    const clean = rows.filter((row) => row.threatModel === "none" && row.system === system);
    const [least] = [...attacked, ...clean].sort((a, b) => a.metric.value - b.metric.value);
    return { ...least, ...(without.length > 0 && { without }) };
  });
}

/** Rows of attacks that count for a worst case. */
function attackedIn(rows: readonly EvaluationRow[]): EvaluationRow[] {
  return rows.filter(({ threatModel, attack, curve }) =>
    threatModel !== "none" && attack !== "worst case" && !curve
  );
}

/** Attacks of which there are no images. */
function notBegun(unfinished: readonly UnfinishedColumn[], system: string): string[] {
  const names = unfinished
    .filter(({ measured, curve, systems }) => measured === 0 && !curve && systems.includes(system))
    .map(({ attack }) => attack);
  return [...new Set(names)];
}

/**
 * Joins the attacks on one system, over the examples that were measured under all of them: examples are measured
 * in one order, so these are the first ones.
 */
function worstOf(
  rows: readonly EvaluationRow[],
  attacked: readonly EvaluationRow[],
  without: readonly string[],
): EvaluationRow {
  const [{ system, metric }] = attacked;
  const clean = rows.find((row) => row.threatModel === "none" && row.system === system);
  const all = [...(clean?.outcomes ? [clean] : []), ...attacked];
  const counts = all.map(({ outcomes }) => outcomes!.length);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const outcomes = Array.from(
    { length: least },
    (_, index) => all.every((row) => row.outcomes![index] === "1") ? "1" : "0",
  ).join("");
  const notANumber = Math.max(...all.map((row) => row.notANumber ?? 0));
  const attackNotANumber = Math.max(...all.map((row) => row.attackNotANumber ?? 0));
  const passes = Math.max(...all.map((row) => row.passes ?? 1));
  const right = outcomes.split("1").length - 1;
  const isPartial = least < most || all.some((row) => row.measured !== undefined);
  return {
    threatModel: ANY_ATTACKER,
    attack: "worst case",
    settings: null,
    system,
    metric: {
      name: metric.name,
      value: right / least,
      count: least,
      interval: wilsonInterval(right, least),
    },
    ...(passes > 1 && { passes, rightInAll: right / least }),
    maxPerturbation: Math.max(...attacked.map((row) => row.maxPerturbation)),
    seconds: 0,
    outcomes,
    ...(isPartial && { measured: least }),
    ...(without.length > 0 && { without }),
    ...(notANumber > 0 && { notANumber }),
    ...(attackNotANumber > 0 && { attackNotANumber }),
  };
}
