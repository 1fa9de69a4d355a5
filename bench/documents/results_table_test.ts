import type { Evaluation, EvaluationRow } from "@realign/core";
import assert from "node:assert/strict";
import { sampleEvaluation } from "../../cli/testing.ts";
import { resultsTable } from "./results_table.ts";

const row: EvaluationRow = {
  threatModel: "none",
  attack: "clean",
  settings: null,
  system: "none",
  metric: { name: "accuracy", value: 0.5, count: 8 },
  maxPerturbation: 0,
  seconds: 1,
};
const result = (preset: string, architecture = "resnet20") => {
  const evaluation: Evaluation = {
    ...sampleEvaluation,
    preset,
    target: { architecture, digest: "t" },
    rows: [row],
  };
  return { file: `${preset}.json`, evaluation };
};

Deno.test("resultsTable() names the preset where data and O do not tell results apart", () => {
  const places = (...results: ReturnType<typeof result>[]) =>
    Array.from(resultsTable(results).matchAll(/^\| (shapes, .*?) +\|/gm), ([, place]) => place);
  assert.deepEqual(places(result("one"), result("two", "wrn-10-2")), [
    "shapes, resnet20",
    "shapes, wrn-10-2",
  ]);
  assert.deepEqual(places(result("one"), result("two")), [
    "shapes, resnet20 (one)",
    "shapes, resnet20 (two)",
  ]);
});
