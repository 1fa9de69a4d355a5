import type { EvaluationRow } from "@realign/core";
import assert from "node:assert/strict";
import { compareRuns, comparisonPage, comparisonText } from "./comparison.ts";
import { evaluation } from "./testing.ts";

const whitebox = evaluation.rows.filter(({ threatModel }) => threatModel === "whitebox");
const one = { run: "one", evaluation };
const two = {
  run: "two",
  evaluation: {
    ...evaluation,
    rows: [...evaluation.rows, { ...whitebox[0], threatModel: "black-box", attack: "square" }],
  },
};

Deno.test("compareRuns() has O alone once, then each run's systems, attackers from below", () => {
  const { attackers, systems, warnings } = compareRuns([one, two]);
  assert.deepEqual(attackers, [
    "Clean images",
    "Oblivious",
    "Black-box",
    "Whitebox",
    "Worst case",
  ]);
  assert.deepEqual(systems.map(({ run, system }) => [run, system]), [
    [undefined, "none"],
    ["one", "generator"],
    ["two", "generator"],
  ]);
  assert.deepEqual(warnings, []);
  const text = comparisonText({ metric: "accuracy", attackers, systems, warnings });
  assert.match(text, /O alone, resnet20 .*95\.0 \(93\.0–97\.0\)/);
  assert.match(text, /one: Behind Generator G /);
});

Deno.test("compareRuns() says where figures are not of one thing, and refuses other tasks", () => {
  const other = {
    run: "other",
    evaluation: { ...evaluation, dataset: { ...evaluation.dataset, digest: "another" } },
  };
  const { warnings } = compareRuns([one, other]);
  assert.deepEqual(warnings, [
    "runs were measured on different images: their figures are not of one thing",
  ]);
  const boxes = { run: "boxes", evaluation: { ...evaluation, task: "detection" } };
  assert.throws(
    () => compareRuns([one, boxes]),
    /^RangeError: Cannot compare boxes \(detection, accuracy\) with one \(classification, accuracy\): runs must be of one task and metric$/,
  );
});

/** The evaluation with changed rows. */
const withRows = (change: (row: EvaluationRow) => EvaluationRow) => ({
  run: "changed",
  evaluation: { ...evaluation, rows: evaluation.rows.map(change) },
});
const valued = (row: EvaluationRow, value: number) => ({
  ...row,
  metric: { ...row.metric, value },
});

Deno.test("compareRuns() marks figures that have an alarm, and says how many images a part is of", () => {
  const masked = withRows((row) =>
    row.system !== "generator" || row.threatModel === "none"
      ? row
      : { ...valued(row, row.threatModel === "whitebox" ? 0.9 : 0.3), outcomes: undefined }
  );
  assert.match(comparisonText(compareRuns([masked])), /90\.0!/);
  const part = withRows((row) => ({ ...row, measured: 40, metric: { ...row.metric, count: 40 } }));
  assert.match(comparisonText(compareRuns([part])), /, n = 40/);
  assert.doesNotMatch(comparisonText(compareRuns([one])), /n = /);
});

Deno.test("compareRuns() says where one attacker attacked in other ways", () => {
  const fewer = withRows((row) =>
    row.settings ? { ...row, settings: { ...row.settings, steps: 1 } } : row
  );
  assert.deepEqual(compareRuns([one, fewer]).warnings, [
    "runs were measured by different attacks (oblivious, whitebox): their figures are not of one thing",
  ]);
});

Deno.test("compareRuns() has of O alone all that any run measured, and the least of it", () => {
  const [known] = evaluation.rows.filter(({ threatModel, system }) =>
    threatModel === "oblivious" && system === "none"
  );
  const more = valued({ ...known, threatModel: "transfer", substitute: "other" }, 0.01);
  const two = { run: "two", evaluation: { ...evaluation, rows: [...evaluation.rows, more] } };
  const [there] = compareRuns([one, two]).systems;
  const [back] = compareRuns([two, one]).systems;
  assert.deepEqual(Object.keys(there.rungs).sort(), Object.keys(back.rungs).sort());
  assert.equal(there.rungs["Worst case"]?.metric.value, back.rungs["Worst case"]?.metric.value);
});

Deno.test("comparisonPage() has the table and a chart an attacker, and needs nothing from outside", async () => {
  const page = await comparisonPage(compareRuns([one, two]));
  assert.equal(page.match(/<svg/g)?.length, 5);
  assert.equal(page.match(/<tr>/g)?.length, 4);
  assert.doesNotMatch(page, /https?:|<link|<script|@import|url\(/);
});
