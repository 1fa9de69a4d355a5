import type { Evaluation } from "@realign/core";
import assert from "node:assert/strict";
import { parseEvaluation } from "../runs/evaluation_file.ts";
import { settingsLine } from "./labels.ts";
import { resultTables } from "./tables.ts";
import { evaluation } from "./testing.ts";
import { evaluationTable } from "./text.ts";

/** The first attacked row, as one through a random defense. */
const told: Evaluation = {
  ...evaluation,
  rows: evaluation.rows.map((row, index) =>
    index === 1
      ? {
        ...row,
        gradient: "bpda",
        draws: 40,
        convergence: 0.9123,
        passes: 10,
        rightInAll: 0.123,
      }
      : row
  ),
};

Deno.test("a random defense's figure stands beside what is right in all passes", () => {
  const text = evaluationTable(told);
  assert.match(text, /\{in all 10: 12\.3\}/);
  assert.match(
    text,
    /Behind a random defense the mean of 10 passes, and what is right in all of them/,
  );
  const page = String(resultTables(told));
  assert.match(page, /in all 10: 12\.3/);
  assert.match(page, /the mean of 10 passes/);
  assert.doesNotMatch(evaluationTable(evaluation), /passes|in all/);
});

Deno.test("settingsLine says how an attack came by gradients through a defense", () => {
  const settings = { name: "pgd", epsilon: 0.1 };
  const line = (more: object) => settingsLine({ ...told.rows[1], settings, ...more });
  assert.equal(line({}), "pgd, epsilon 0.1, BPDA, EOT of 40 draws (cosine 0.91)");
  const assumed = { gradient: "bpda-identity", draws: undefined };
  assert.equal(line(assumed), "pgd, epsilon 0.1, BPDA by the identity");
  assert.equal(line({ gradient: "exact", draws: undefined }), "pgd, epsilon 0.1");
  const survivors = [
    { stage: "clean", left: 8 },
    { stage: "apgd-ce", left: 2 },
    { stage: "apgd-t", left: 2, leftOut: "needs 4 classes, and there are 3" },
  ];
  assert.equal(
    line({ gradient: "exact", draws: undefined, survivors }),
    "pgd, epsilon 0.1, right after clean 8, apgd-ce 2, apgd-t left out as it needs 4 classes, and there are 3",
  );
});

Deno.test("parseEvaluation() takes rows of random defenses back, and names what is wrong", () => {
  const read = (change: object) =>
    parseEvaluation(
      JSON.parse(JSON.stringify({ ...told, rows: [{ ...told.rows[1], ...change }] })),
      "evaluation.json",
    ).rows[0];
  assert.deepEqual(read({}), told.rows[1]);
  assert.throws(() => read({ gradient: "guessed" }), /rows\.0\.gradient must be one of "exact"/);
  assert.throws(() => read({ draws: 0 }), /rows\.0\.draws/);
});
