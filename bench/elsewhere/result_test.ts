import type { Evaluation } from "@realign/core";
import assert from "node:assert/strict";
import { compareAnswers } from "./result.ts";

const row = (system: string, threatModel: string, attack: string, outcomes: string) => ({
  system,
  threatModel,
  attack,
  outcomes,
});
const evaluation = {
  rows: [
    row("none", "none", "clean", "1110"),
    row("none", "oblivious", "pgd", "0000"),
    row("generator", "none", "clean", "1100"),
  ],
} as unknown as Evaluation;

Deno.test("answers are counted against the truth, and against each image of the evaluation", () => {
  const answers = {
    "the file": { clean: [0, 1, 2, 0], adversarial: [1, 1, 0, 0] },
    "the system": { clean: [0, 1, 2, 3] },
  };
  assert.deepEqual(compareAnswers(answers, [0, 1, 2, 3], evaluation), [
    { chain: "the file", images: "clean", onnxruntime: 0.75, realign: 0.75, different: 0 },
    { chain: "the file", images: "adversarial", onnxruntime: 0.25, realign: 0, different: 1 },
    { chain: "the system", images: "clean", onnxruntime: 1, realign: 0.5, different: 2 },
  ]);
});

Deno.test("an evaluation of other images is refused", () => {
  assert.throws(
    () => compareAnswers({ "the system": { adversarial: [0] } }, [0], evaluation),
    /has no outcomes of pgd/,
  );
});
