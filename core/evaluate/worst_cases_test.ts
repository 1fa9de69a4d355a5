import assert from "node:assert/strict";
import type { EvaluationRow } from "./rows.ts";
import { wilsonInterval } from "./interval.ts";
import { meanOfRatios, parseRatios } from "./ratios.ts";
import { worstCases, worstOfAll } from "./worst_cases.ts";

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

Deno.test("worstCases joins the examples measured under all attacks, and names attacks without any", () => {
  const measured = (threatModel: string, attack: string, outcomes: string, more = {}) => ({
    threatModel,
    attack,
    settings: null,
    system: "generator",
    metric: { name: "accuracy", value: 0.5, count: outcomes.length },
    maxPerturbation: 0.03,
    seconds: 1,
    outcomes,
    ...more,
  });
  const rows = [
    measured("none", "clean", "11111111"),
    measured("whitebox", "pgd", "11011000"),
    measured("whitebox", "autoattack", "101", { measured: 3 }),
    measured("whitebox", "pgd-epsilon-400", "000", { curve: true }),
    measured("oblivious", "pgd", "01111111"),
  ];
  const unfinished = [
    { threatModel: "whitebox", attack: "feature", systems: ["generator"], measured: 0 },
    { threatModel: "whitebox", attack: "autoattack", systems: ["generator"], measured: 3 },
    { threatModel: "whitebox", attack: "other", systems: ["none"], measured: 0 },
    { threatModel: "black-box", attack: "square", systems: ["generator"], measured: 0 },
  ];
  const [whitebox, oblivious] = worstCases(rows, unfinished);
  assert.deepEqual(whitebox.outcomes, "100");
  assert.deepEqual([whitebox.metric.count, whitebox.measured], [3, 3]);
  assert.deepEqual(whitebox.metric.interval, wilsonInterval(1, 3));
  assert.deepEqual(whitebox.without, ["feature"]);
  assert.deepEqual([oblivious.outcomes, oblivious.measured], ["01111111", undefined]);
  assert.equal("without" in oblivious, false);
  const [all] = worstOfAll(rows, unfinished);
  assert.deepEqual([all.threatModel, all.outcomes], ["any", "000"]);
  assert.deepEqual(all.without, ["feature (whitebox)", "square (black-box)"]);
});

Deno.test("worstOfAll is the least row where examples have no outcome", () => {
  const row = (threatModel: string, attack: string, value: number) => ({
    threatModel,
    attack,
    settings: null,
    system: "generator",
    metric: { name: "mAP", value, count: 4 },
    maxPerturbation: 0.03,
    seconds: 1,
  });
  const rows = [row("none", "clean", 0.9), row("oblivious", "a", 0.6), row("whitebox", "b", 0.4)];
  assert.deepEqual(worstOfAll(rows), [rows[2]]);
  assert.deepEqual(worstOfAll([rows[0]]), []);
  const low = row("none", "clean", 0.1);
  assert.deepEqual(worstOfAll([low, rows[1]]), [low]);
});

/** A row of a metric that is a mean of ratios, of as many pictures. */
const ratioRow = (threatModel: string, attack: string, ...ratios: string[]): EvaluationRow => {
  const sums = ratios.map(parseRatios).reduce((a, b) => a.map((value, at) => value + b[at]));
  return {
    ...row(threatModel, attack, "generator", undefined, meanOfRatios(sums)),
    metric: { name: "mIoU", value: meanOfRatios(sums), count: ratios.length },
    ratios,
  };
};

Deno.test("worstCases chooses an attack for each picture where the metric is a mean of ratios", () => {
  const rows = [
    ratioRow("none", "clean", "4/4 4/4", "3/4 -", "0/2 1/1"),
    ratioRow("whitebox", "a", "0/4 4/4", "3/4 -", "2/2 1/1"),
    ratioRow("whitebox", "b", "4/4 3/4", "1/4 -", "1/2 1/1"),
    ratioRow("oblivious", "a", "4/4 4/4", "0/4 -", "2/2 1/1"),
  ];
  const [whitebox, oblivious] = worstCases(rows);
  assert.equal(whitebox.attack, "worst case, chosen per picture");
  assert.equal(whitebox.threatModel, "whitebox");
  // a for the first picture, b for the second, none for the third: (0 + 1 + 0) / 10 and 5 / 5.
  assert.ok(Math.abs(whitebox.metric.value - (1 / 10 + 1) / 2) < 1e-12);
  assert.deepEqual(whitebox.metric.details?.perClass, [0.1, 1]);
  assert.deepEqual(whitebox.metric.details?.pictures, [
    { threatModel: "whitebox", attack: "a", pictures: 1 },
    { threatModel: "whitebox", attack: "b", pictures: 1 },
    { threatModel: "none", attack: "clean", pictures: 1 },
  ]);
  assert.deepEqual([whitebox.metric.count, whitebox.measured, whitebox.ratios], [
    3,
    undefined,
    undefined,
  ]);
  assert.ok(Math.abs(oblivious.metric.value - (4 / 10 + 1) / 2) < 1e-12);
  const [worst] = worstOfAll([...rows, whitebox, oblivious]);
  assert.deepEqual([worst.threatModel, worst.attack], ["any", "worst case, chosen per picture"]);
  assert.ok(worst.metric.value <= Math.min(whitebox.metric.value, oblivious.metric.value));
});

Deno.test("worstCases chooses among the pictures measured under all attacks", () => {
  const rows = [
    ratioRow("none", "clean", "4/4", "2/4", "2/4"),
    ratioRow("whitebox", "a", "1/4", "2/4", "2/4"),
    { ...ratioRow("whitebox", "b", "4/4", "0/4"), measured: 2 },
  ];
  const [worst] = worstCases(rows);
  assert.deepEqual([worst.metric.value, worst.metric.count, worst.measured], [1 / 8, 2, 2]);
});

Deno.test("worstOfAll takes a single attack that has no ratios where it leaves less", () => {
  const { ratios: _, ...random } = ratioRow("black-box", "noise", "0/4", "0/4");
  const rows = [ratioRow("whitebox", "a", "1/4", "2/4"), random];
  assert.deepEqual(worstOfAll(rows).map(({ threatModel }) => threatModel), ["black-box"]);
  assert.deepEqual(worstCases(rows).map(({ threatModel }) => threatModel), ["whitebox"]);
});
