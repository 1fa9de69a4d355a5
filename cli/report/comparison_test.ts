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

Deno.test("comparisonPage() has the table and a chart an attacker, and needs nothing from outside", async () => {
  const page = await comparisonPage(compareRuns([one, two]));
  assert.equal(page.match(/<svg/g)?.length, 5);
  assert.equal(page.match(/<tr>/g)?.length, 4);
  assert.doesNotMatch(page, /https?:|<link|<script|@import|url\(/);
});
