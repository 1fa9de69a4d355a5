import type { Evaluation, EvaluationRow } from "@realign/core";
import assert from "node:assert/strict";
import { evaluationTable } from "./text.ts";
import { sampleEvaluation } from "../testing.ts";

const row = (system: string, attack: string, value: number, more = {}): EvaluationRow => ({
  threatModel: attack === "clean" ? "none" : "oblivious",
  attack,
  settings: null,
  system,
  metric: { name: "mIoU", value, count: 4, ...more },
  maxPerturbation: 0,
  seconds: 1,
});

const evaluation: Evaluation = {
  ...sampleEvaluation,
  rows: [row("none", "clean", 0.75), row("none", "bim", 0.25), row("generator", "bim", 0.5)],
};

Deno.test("evaluationTable() has a line for each defense, and names intervals and the paper only where they are", () => {
  const text = evaluationTable(evaluation);
  assert.match(text, /mIoU in percent, n = 4\n/);
  assert.match(text, /None \(O alone\) +75\.0 +25\.0/);
  assert.match(text, /Generator G +50\.0/);
  const interval = [0.5, 1] as const;
  const rows = evaluation.rows.map((row) => ({
    ...row,
    metric: { ...row.metric, interval },
  }));
  const told = evaluationTable({
    ...evaluation,
    rows,
    published: { table: "Table 2", figures: { none: { clean: 90.7 } } },
  });
  assert.match(told, /n = 4 \(95 % interval\) \[paper\]\n/);
  assert.match(told, /75\.0 \(50\.0–100\.0\) \[90\.7\]/);
});

Deno.test("evaluationTable() says what PGD-CW is", () => {
  const settings = { name: "pgd", epsilon: 0.031, stepSize: 0.0075 };
  const rows = [{ ...row("none", "pgd-cw", 0.25), settings }];
  const text = evaluationTable({ ...evaluation, rows });
  assert.match(
    text,
    /PGD-CW is PGD on .* margin loss, .* calls C&W, with epsilon 0.031 and step 0.0075\./,
  );
});
