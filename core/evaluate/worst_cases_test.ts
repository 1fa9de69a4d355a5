import assert from "node:assert/strict";
import type { EvaluationRow } from "./rows.ts";
import { worstCases } from "./worst_cases.ts";

const ones = (outcomes: string) => outcomes.split("1").length - 1;

/** A row as evaluateColumn gives it. */
const row = (
  threatModel: EvaluationRow["threatModel"],
  attack: string,
  system: string,
  outcomes?: string,
  value = outcomes ? ones(outcomes) / outcomes.length : 0.5,
): EvaluationRow => ({
  threatModel,
  attack,
  system,
  settings: null,
  metric: { name: "accuracy", value, count: outcomes?.length ?? 4 },
  maxPerturbation: attack === "b" ? 0.03 : 0.02,
  seconds: 1,
  ...(outcomes && { outcomes }),
});

Deno.test("worstCases counts what is right clean and under every attack of a threat model", () => {
  const rows = [
    row("none", "clean", "none", "1110"),
    row("none", "clean", "generator", "0111"),
    row("oblivious", "a", "none", "1011"),
    row("oblivious", "b", "none", "1101"),
    row("oblivious", "a", "generator", "1110"),
    row("whitebox", "a", "generator", "0010"),
    row("oblivious", "a", "jpeg", undefined),
  ];
  const worst = worstCases(rows);
  assert.deepEqual(
    worst.map((
      { threatModel, system, outcomes, metric },
    ) => [threatModel, system, outcomes, metric.value]),
    [
      ["oblivious", "none", "1000", 0.25],
      ["oblivious", "generator", "0110", 0.5],
      ["whitebox", "generator", "0010", 0.25],
    ],
  );
  assert.equal(worst[0].maxPerturbation, 0.03);
  assert.equal(worst[0].metric.count, 4);
  assert.ok(worst[0].metric.interval![0] < 0.25 && worst[0].metric.interval![1] > 0.25);
  assert.deepEqual(worstCases([...rows, ...worst]).length, 3, "worst cases are no attacks");
});

Deno.test("worstCases takes each substitute for an attacker of its own", () => {
  const by = (substitute: string, attack: string, outcomes: string) => ({
    ...row("transfer", attack, "generator", outcomes),
    substitute,
  });
  const rows = [
    row("none", "clean", "generator", "1111"),
    by("one", "a", "0111"),
    by("one", "b", "1011"),
    by("two", "a", "1110"),
  ];
  assert.deepEqual(
    worstCases(rows).map(({ substitute, outcomes }) => [substitute, outcomes]),
    [["one", "0011"], ["two", "1110"]],
  );
});
