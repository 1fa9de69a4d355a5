/**
 * Derived from all rows of an evaluation: worst cases.
 *
 * @module
 */
import { wilsonInterval } from "./interval.ts";
import { lowestChoice, meanOfRatios, parseRatios, ratiosOf } from "./ratios.ts";
import { attackerBehind, type EvaluationRow, isBy, type UnfinishedColumn } from "./rows.ts";

/** What an example keeps under all attacks. */
const WORST_CASE = "worst case";

/** What is left where each picture has the attack that lowers the metric of them all most. */
const CHOSEN_WORST_CASE = "worst case, chosen per picture";

/**
 * Whether a row joins several attacks.
 *
 * @param row A row
 *
 * @example Usage
 * ```ts
 * import { isWorstCase } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * assert.equal(isWorstCase({ attack: "worst case" }), true);
 * assert.equal(isWorstCase({ attack: "worst case, chosen per picture" }), true);
 * assert.equal(isWorstCase({ attack: "pgd" }), false);
 * ```
 */
export function isWorstCase({ attack }: Pick<EvaluationRow, "attack">): boolean {
  return attack === WORST_CASE || attack === CHOSEN_WORST_CASE;
}

/**
 * The worst case over the attacks of each attacker. For tasks with one outcome per example: an example counts only if
 * O is right on it clean and under every attack, behind a random defense in all passes. For metrics that are means of
 * ratios: for each picture the attack, or none, that lowers the metric of all pictures most, found greedily. Where
 * time was over, over the examples that were measured under all attacks. For other tasks there is none.
 *
 * @param rows Of all columns
 * @param unfinished What was not measured to its end: a worst case names the attacks that it lacks
 * @returns A row for each attacker (threat model, substitute) and system that was attacked, named "worst case", or
 * "worst case, chosen per picture"
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
    attackedIn(rows).filter((row) => examplesOf(row) !== undefined),
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
 * The least that all attackers together leave of each system: their worst case, as {@linkcode worstCases} has that of
 * each. Attacks that join none, as those on detectors, count by themselves: then it may be the row of a single attack,
 * or of clean images if no attack leaves less.
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
    const [joined, single] = [true, false].map((has) =>
      attacked.filter((row) => (examplesOf(row) !== undefined) === has)
    );
    const without = notBegun(
      unfinished.map((column) => ({
        ...column,
        attack: `${column.attack} (${column.threatModel})`,
      })),
      system,
    );
    // Who attacks may leave an image as it is.
    const clean = rows.filter((row) => row.threatModel === "none" && row.system === system);
    const [least] = [
      ...(joined.length > 0 ? [worstOf(rows, joined, without)] : clean),
      // What is right in all passes is no figure to compare a mean with.
      ...(joined.some(({ outcomes }) => outcomes !== undefined) ? [] : single),
    ].sort((a, b) => a.metric.value - b.metric.value);
    return { ...least, ...(without.length > 0 && { without }) };
  });
}

/** Rows of attacks that count for a worst case. */
function attackedIn(rows: readonly EvaluationRow[]): EvaluationRow[] {
  return rows.filter((row) => row.threatModel !== "none" && !isWorstCase(row) && !row.curve);
}

/** What is known of each example. */
function examplesOf({ outcomes, ratios }: EvaluationRow): ArrayLike<string> | undefined {
  return outcomes ?? ratios;
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
  const [{ system }] = attacked;
  const clean = rows.find((row) => row.threatModel === "none" && row.system === system);
  const all = [...attacked, ...(clean && examplesOf(clean) ? [clean] : [])];
  const counts = all.map((row) => examplesOf(row)!.length);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const notANumber = Math.max(...all.map((row) => row.notANumber ?? 0));
  const attackNotANumber = Math.max(...all.map((row) => row.attackNotANumber ?? 0));
  const isPartial = least < most || all.some((row) => row.measured !== undefined);
  return {
    threatModel: ANY_ATTACKER,
    settings: null,
    system,
    ...(all[0].outcomes === undefined ? chosen(all, least) : rightUnderAll(all, least)),
    maxPerturbation: Math.max(...attacked.map((row) => row.maxPerturbation)),
    seconds: 0,
    ...(isPartial && { measured: least }),
    ...(without.length > 0 && { without }),
    ...(notANumber > 0 && { notANumber }),
    ...(attackNotANumber > 0 && { attackNotANumber }),
  };
}

/** What a worst case is by the examples of its rows. */
type Joined = Pick<EvaluationRow, "attack" | "metric" | "outcomes" | "passes" | "rightInAll">;

/** The first examples that are right in all rows. */
function rightUnderAll(all: readonly EvaluationRow[], count: number): Joined {
  const outcomes = Array.from(
    { length: count },
    (_, index) => all.every((row) => row.outcomes![index] === "1") ? "1" : "0",
  ).join("");
  const right = outcomes.split("1").length - 1;
  const passes = Math.max(...all.map((row) => row.passes ?? 1));
  return {
    attack: WORST_CASE,
    metric: {
      name: all[0].metric.name,
      value: right / count,
      count,
      interval: wilsonInterval(right, count),
    },
    outcomes,
    ...(passes > 1 && { passes, rightInAll: right / count }),
  };
}

/** The first pictures, each from the row that a greedy choice gives it. */
function chosen(all: readonly EvaluationRow[], count: number): Joined {
  const choice = lowestChoice(all.map(({ ratios }) => ratios!.slice(0, count).map(parseRatios)));
  const taken = Map.groupBy(choice.chosen, (index) => all[index]);
  return {
    attack: CHOSEN_WORST_CASE,
    metric: {
      name: all[0].metric.name,
      value: meanOfRatios(choice.sums),
      count,
      details: {
        perClass: ratiosOf(choice.sums),
        pictures: [...taken].map(([{ threatModel, attack }, { length }]) => ({
          threatModel,
          attack,
          pictures: length,
        })),
      },
    },
  };
}
