import type { Evaluation, EvaluationRow } from "@realign/core";
import assert from "node:assert/strict";
import { attackCurves } from "./attack_curves.ts";
import { renderReport } from "./html.ts";
import { ladderOf, untried } from "./ladder.ts";
import { ladderCharts } from "./ladder_section.ts";
import { content, evaluation } from "./testing.ts";

const [, , , attacked, known] = evaluation.rows;

/** Which examples of four are right. */
const decided = (row: EvaluationRow, outcomes: string, more: Partial<EvaluationRow> = {}) => {
  const right = outcomes.split("1").length - 1;
  return { ...row, outcomes, ...more, metric: { name: "accuracy", value: right / 4, count: 4 } };
};

Deno.test("ladderOf() climbs from clean images to the worst case, whatever the order of rows", () => {
  const rows = [...evaluation.rows].reverse();
  const rungs = ladderOf({ ...evaluation, rows });
  assert.deepEqual(rungs.map(({ title }) => title), [
    "Clean images",
    "Oblivious",
    "Whitebox",
    "Worst case",
  ]);
  const values = rungs.map(({ rows }) => rows.get("generator")?.metric.value);
  assert.deepEqual(values, [0.9111, 0.8222, 0.1333, 0.1333]);
  assert.equal(rungs[2].rows.get("none"), undefined, "O alone was not attacked so");
  assert.equal(rungs[1].knows.match(/\./g)?.length, 1, "one sentence");
});

Deno.test("ladderOf() takes the worst of all attackers example by example, so no rung lies below the last", () => {
  const rows = [
    decided(evaluation.rows[1], "1111"),
    decided(attacked, "1101"),
    decided(known, "0111", { attack: "apgd-ce" }),
    decided(attacked, "1011", { threatModel: "transfer", substitute: "resnet50" }),
  ];
  const rungs = ladderOf({ ...evaluation, rows });
  const values = rungs.map(({ rows }) => rows.get("generator")!.metric.value);
  assert.deepEqual(values, [1, 0.75, 0.75, 0.75, 0.25]);
  assert.deepEqual(rungs[2].title, "Transfer from resnet50");
});

Deno.test("ladderOf() has nothing where nothing was measured, and no worst case where nobody attacked", () => {
  assert.deepEqual(ladderOf({ ...evaluation, rows: [] }), []);
  const rows = evaluation.rows.filter(({ threatModel }) => threatModel === "none");
  assert.deepEqual(ladderOf({ ...evaluation, rows }).map(({ title }) => title), ["Clean images"]);
});

Deno.test("untried() names attackers that were not met and attacks that time was over for", () => {
  assert.match(untried(evaluation, "generator")[0], /^Not tried: transfer, black-box\.$/);
  const unfinished = [
    { threatModel: "whitebox", attack: "autoattack", systems: ["generator"], measured: 100 },
  ];
  const [, cut] = untried({ ...evaluation, unfinished }, "generator");
  assert.equal(
    cut,
    "autoattack (whitebox) was measured on 100 examples before time was over.",
  );
});

Deno.test("renderReport() begins with the ladder as table and bars", async () => {
  const ladder = await ladderCharts(evaluation);
  const page = renderReport({ ...content, ladder });
  const first = /<main>[^]*?<h2>(.*?)<\/h2>/.exec(page);
  assert.equal(first?.[1], "What each attacker leaves");
  assert.equal(ladder.length, 2);
  assert.match(ladder[1].description, /Clean images 91\.1 %; Oblivious 82\.2 %; Whitebox 13\.3 %/);
  assert.match(page, /Behind Generator G\. Not tried: transfer, black-box\./);
});

Deno.test("attackCurves() draw what is left over epsilon and steps", async () => {
  const point = (attack: string, value: number, more: object): EvaluationRow => ({
    ...known,
    attack,
    curve: true,
    settings: { name: "pgd", epsilon: 0.031, steps: 10, ...more },
    metric: { ...known.metric, value },
  });
  const curves: Evaluation["curves"] = [
    point("pgd-epsilon-200", 0.1, { epsilon: 16 / 255 }),
    point("pgd-epsilon-50", 0.5, { epsilon: 4 / 255 }),
    point("pgd-steps-100", 0.2, { steps: 100 }),
  ];
  const drawn = await attackCurves({ ...evaluation, curves });
  assert.deepEqual(drawn!.charts.map(({ title }) => title), ["over epsilon", "over steps"]);
  assert.equal(
    drawn!.charts[0].description,
    "Behind Generator G: PGD, whitebox: 50.0 % at 4, 10.0 % at 16",
  );
  assert.equal(drawn!.legend.length, 1);
  assert.equal(await attackCurves(evaluation), undefined);
});
