import type { EvaluationRow } from "@realign/core";
import assert from "node:assert/strict";
import { sampleEvaluation } from "../testing.ts";
import { comparedRows, strongestAttack } from "./compared_rows.ts";

const row = (
  threatModel: EvaluationRow["threatModel"],
  attack: string,
  defense: string,
  value: number,
): EvaluationRow => ({
  threatModel,
  attack,
  defense,
  settings: null,
  metric: { name: "mAP", value, count: 8 },
  maxPerturbation: 0,
  seconds: 1,
});
const rows = [
  row("none", "clean", "none", 0.8),
  row("none", "clean", "generator", 0.7),
  row("oblivious", "cls-fgsm", "none", 0.5),
  row("oblivious", "cls-fgsm", "generator", 0.05),
  row("oblivious", "mtd", "none", 0.1),
  row("oblivious", "mtd", "generator", 0.6),
  row("oblivious", "loc", "none", 0.1),
  row("oblivious", "worst case", "none", 0.01),
  row("whitebox", "mtd", "generator", 0.02),
];

Deno.test("strongestAttack leaves the least of O alone, whatever it leaves behind a defense", () => {
  assert.equal(strongestAttack(rows), "mtd");
  assert.equal(strongestAttack(rows.slice(0, 4)), "cls-fgsm");
  assert.equal(strongestAttack(rows.slice(0, 2)), undefined);
});

Deno.test("comparedRows sets clean beside the strongest attack", () => {
  const compared = comparedRows({ ...sampleEvaluation, rows });
  assert.deepEqual(compared.map(({ label, row }) => [label, row.metric.value]), [
    ["Clean", 0.8],
    ["Clean, through G", 0.7],
    ["MTD", 0.1],
    ["MTD, through G", 0.6],
  ]);
});
