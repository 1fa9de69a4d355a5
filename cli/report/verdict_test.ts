import type { EvaluationRow } from "@realign/core";
import assert from "node:assert/strict";
import { sampleEvaluation } from "../testing.ts";
import { evaluationTable } from "./text.ts";
import { verdictOf } from "./verdict.ts";

const row = (
  threatModel: string,
  attack: string,
  system: string,
  value: number,
  more: Partial<EvaluationRow> = {},
): EvaluationRow => ({
  threatModel,
  attack,
  system,
  settings: null,
  metric: { name: "mAP", value, count: 200 },
  maxPerturbation: 0,
  seconds: 1,
  ...more,
});

const clean = [
  row("none", "clean", "none", 0.816, { millisecondsPerImage: 1.234 }),
  row("none", "clean", "generator", 0.812, { millisecondsPerImage: 4.56 }),
];
const oblivious = [
  row("oblivious", "cls-fgsm", "none", 0.571),
  row("oblivious", "cls-fgsm", "generator", 0.728),
  row("oblivious", "mtd", "none", 0.04),
  row("oblivious", "mtd", "generator", 0.794),
];
const whitebox = [
  row("whitebox", "pgd", "generator", 0.369),
  row("whitebox", "mtd", "generator", 0.284),
];
const environment = { backend: { name: "tensorflow", version: "2.21.0" }, threads: 2 };
const evaluation = {
  ...sampleEvaluation,
  batchSize: 16,
  environment,
  rows: [...clean, ...oblivious, ...whitebox],
};

Deno.test("verdictOf compares both sides under the same attack, and says what is left and what it costs", () => {
  assert.deepEqual(verdictOf(evaluation), [
    "Behind Generator G, O keeps 81.2 % mAP on clean images (81.6 % without it) and 79.4 % under " +
    "MTD, oblivious (4.0 % without it); the worst case over all attackers is 28.4 % (MTD, whitebox); " +
    "the least that oblivious attacks leave is 72.8 % (cls-fgsm). An attacker who knows the defense (MTD, whitebox) leaves 28.4 %, and an image " +
    "takes 4.6 ms instead of 1.2 ms.",
  ]);
});

Deno.test("verdictOf leaves the cost out where an older evaluation has no times", () => {
  const rows = evaluation.rows.map(({ millisecondsPerImage: _, ...row }) => row);
  assert.match(verdictOf({ ...evaluation, rows })[0], /\(MTD, whitebox\) leaves 28\.4 %\.$/);
});

Deno.test("verdictOf says which attackers were not tried", () => {
  const [told] = verdictOf({ ...evaluation, rows: [...clean, ...oblivious] });
  assert.match(
    told,
    /\. It was not measured against an attacker who knows the defense \(whitebox\)/,
  );
  const [untried] = verdictOf({ ...evaluation, rows: clean });
  assert.match(
    untried,
    /clean images .*; it was not measured under attacks on O alone \(oblivious\)/,
  );
});

Deno.test("verdictOf shows a threat model that it does not know as any other", () => {
  const rows = [...evaluation.rows, row("transfer", "pgd", "generator", 0.7)];
  assert.match(
    verdictOf({ ...evaluation, rows })[0],
    /whitebox\) leaves 28\.4 %, a transfer attacker \(PGD, transfer\) leaves 70\.0 %, and an image/,
  );
});

Deno.test("verdictOf names the worst case where it is less than the shown attack leaves", () => {
  const rows = [
    ...evaluation.rows,
    row("oblivious", "worst case", "none", 0.01),
    row("oblivious", "worst case", "generator", 0.7),
  ];
  assert.match(verdictOf({ ...evaluation, rows })[0], /leave is 70\.0 % \(worst case\)/);
  const equal = evaluation.rows.filter(({ attack }) => attack !== "cls-fgsm");
  assert.doesNotMatch(verdictOf({ ...evaluation, rows: equal })[0], /the least/);
});

Deno.test("verdictOf marks figures of outputs that are not numbers", () => {
  const rows = evaluation.rows.map((row) => ({ ...row, notANumber: 1 }));
  assert.match(verdictOf({ ...evaluation, rows })[0], /81\.2† % mAP .* leaves 28\.4† %/);
});

Deno.test("verdictOf has one verdict for each subject, and one of O where there is none", () => {
  const [none, generator] = sampleEvaluation.systems;
  const mine = { ...generator, name: "mine", title: "Mine" };
  const rows = [...evaluation.rows, row("none", "clean", "mine", 0.5)];
  const [, other] = verdictOf({ ...evaluation, rows, systems: [none, generator, mine] });
  assert.match(other, /^Behind Mine, O keeps 50\.0 % mAP on clean images/);
  const alone = { ...evaluation, systems: [none] };
  assert.deepEqual(verdictOf(alone), [
    "O alone has 81.6 % mAP on clean images and 4.0 % under MTD, oblivious. " +
    "No defense was measured, and an image takes 1.2 ms.",
  ]);
  // An O that is its own defense is attacked by one who knows it.
  const known = [...alone.rows, row("whitebox", "pgd-20", "none", 0.04)];
  assert.match(verdictOf({ ...alone, rows: known })[0], / and 4\.0 % under PGD-20, whitebox\. /);
  assert.match(verdictOf({ ...alone, rows: clean })[0], /clean images; it was not attacked\./);
  assert.deepEqual(verdictOf({ ...evaluation, rows: [] }), []);
});

Deno.test("evaluationTable() ends with every system's time per image and the verdict", () => {
  const text = evaluationTable(evaluation);
  const time = "Time per clean image (tensorflow 2.21.0, 2 threads, batches of 16): " +
    "O alone 1.2 ms; Behind Generator G 4.6 ms.";
  assert.ok(text.endsWith(`\n\n${time}\n\n${verdictOf(evaluation)[0]}`), text);
});

Deno.test("evaluationTable() says of each defense how far it moves clean images", () => {
  const rows = evaluation.rows.map((row) =>
    row === clean[1] ? { ...row, reconstructionError: 0.0287 } : row
  );
  const text = evaluationTable({ ...evaluation, rows });
  assert.match(
    text,
    /\nReconstruction error, .* \(root mean square of 255 .*\): Behind Gen.* 7\.3\.\n/,
  );
  assert.doesNotMatch(evaluationTable(evaluation), /Reconstruction/);
});

Deno.test("verdictOf says per example what all attackers together leave, beside the oblivious figure", () => {
  const decided = (threatModel: string, attack: string, outcomes: string) => {
    const value = outcomes.split("1").length / outcomes.length - 1 / outcomes.length;
    const metric = { name: "accuracy", value, count: outcomes.length };
    return row(threatModel, attack, "generator", value, { outcomes, metric });
  };
  const rows = [
    decided("none", "clean", "11110"),
    decided("oblivious", "pgd", "11010"),
    decided("whitebox", "pgd-20", "01110"),
  ];
  const told = (more = {}) => verdictOf({ ...sampleEvaluation, rows, ...more })[0];
  assert.match(
    told(),
    /60\.0 % under PGD, oblivious; the worst case over all attackers is 40\.0 %\. An/,
  );
  assert.match(evaluationTable({ ...sampleEvaluation, rows }), /in short: [^]* 40\.0 \(/);
  const partial = [rows[0], rows[1], { ...rows[2], outcomes: "01", measured: 2 }];
  const unfinished = [{
    threatModel: "whitebox",
    attack: "autoattack",
    measured: 0,
    systems: ["generator"],
  }];
  assert.match(
    told({ rows: partial, unfinished }),
    /all attackers is 50\.0 %, of 2 examples, without autoattack \(whitebox\), as time was over\./,
  );
});

Deno.test("verdictOf has no worst case over all attackers where the oblivious one alone was tried", () => {
  assert.doesNotMatch(
    verdictOf({ ...evaluation, rows: [...clean, ...oblivious] })[0],
    /all attackers/,
  );
});

Deno.test("evaluationTable() names the suite, and shows curves, rounded images and partial counts", () => {
  const settings = { name: "pgd", epsilon: 0.0625, steps: 50 };
  const curves = [
    row("whitebox", "pgd-epsilon-200", "generator", 0.1, { settings, curve: true }),
  ];
  const rounded = { name: "mAP", value: 0.305, count: 200 };
  const metric = { name: "mAP", value: 0.284, count: 40 };
  const rows = [
    ...evaluation.rows.slice(0, -1),
    { ...evaluation.rows.at(-1)!, metric, measured: 40, rounded },
  ];
  const text = evaluationTable({ ...evaluation, suite: "strong", rows, curves });
  assert.match(text, /^attacks of the suite "strong"\n/);
  assert.match(text, /pgd-epsilon-200, whitebox +0\.0625 +50 +10\.0/);
  assert.match(text, /28\.4 n = 40, 8 bit 30\.5/);
});
