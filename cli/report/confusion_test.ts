import type { Evaluation, EvaluationRow } from "@realign/core";
import assert from "node:assert/strict";
import { parseEvaluation } from "../runs/evaluation_file.ts";
import { sampleEvaluation } from "../testing.ts";
import { confusionMaps, mostConfused } from "./confusion.ts";

const names = (count: number) => Array.from({ length: count }, (_, index) => `class <${index}>`);

function evaluationOf(
  classNames: readonly string[],
  confusion: readonly (readonly number[])[],
): Evaluation {
  const row = (system: string, threatModel: string, attack: string): EvaluationRow => ({
    threatModel,
    attack,
    system,
    settings: null,
    metric: { name: "accuracy", value: 0.5, count: 10, details: { confusion } },
    maxPerturbation: 0,
    seconds: 1,
  });
  return {
    ...sampleEvaluation,
    dataset: { ...sampleEvaluation.dataset, classNames },
    systems: [
      ...sampleEvaluation.systems,
      { name: "same", title: "Same", role: "control", defenses: [{ name: "identity" }] },
    ],
    rows: [
      row("none", "none", "clean"),
      row("generator", "none", "clean"),
      row("none", "oblivious", "pgd"),
      row("generator", "oblivious", "pgd"),
      row("same", "oblivious", "pgd"),
      row("generator", "whitebox", "pgd"),
    ],
  };
}

const three = [[6, 2, 0], [0, 4, 0], [0, 0, 0]];

Deno.test("confusionMaps() draws clean, oblivious and whitebox, O alone and behind the subject", () => {
  const { text } = confusionMaps(evaluationOf(names(3), three))!;
  assert.deepEqual(
    Array.from(text.matchAll(/<figcaption>(.*?), 50\.0\u00a0%<\/figcaption>/g), ([, name]) => name),
    [
      "O alone: Clean",
      "Behind Generator G: Clean",
      "O alone: PGD, oblivious",
      "Behind Generator G: PGD, oblivious",
      "Behind Generator G: PGD, whitebox",
    ],
  );
  assert.equal(text.match(/<svg class="confusion" role="img" aria-label="/g)?.length, 5);
});

Deno.test("confusionMaps() shades each cell by its share of the true class, and names the confused", () => {
  const { text } = confusionMaps(evaluationOf(names(3), three))!;
  const [svg] = /<svg[^]*?<\/svg>/.exec(text)!;
  const cells = svg.matchAll(/<rect class="(\w+)" [^>]*style="--share:([\d.]+)">\s*<title>(.*?)</g);
  assert.deepEqual(Array.from(cells, ([, ...cell]) => cell), [
    ["hit", "0.750", "class &lt;0&gt;, taken for class &lt;0&gt;: 6, 75 %"],
    ["miss", "0.250", "class &lt;0&gt;, taken for class &lt;1&gt;: 2, 25 %"],
    ["hit", "1.000", "class &lt;1&gt;, taken for class &lt;1&gt;: 4, 100 %"],
  ]);
  assert.match(text, /<li>class &lt;0&gt; → class &lt;1&gt; 25 %<\/li>/);
  assert.equal(text.match(/<li>/g)?.length, 5, "one confusion in each of five maps");
});

Deno.test("confusionMaps() names the most confused of many classes, without a map", () => {
  const identity = (count: number) =>
    names(count).map((_, truth) => names(count).map((_, said) => truth === said ? 9 : 1));
  assert.match(confusionMaps(evaluationOf(names(20), identity(20)))!.text, /<svg/);
  const { text } = confusionMaps(evaluationOf(names(21), identity(21)))!;
  assert.doesNotMatch(text, /<svg/);
  assert.equal(text.match(/<li>/g)?.length, 5 * 10);
});

Deno.test("confusionMaps() shows nothing where nothing was counted or classes have no names", () => {
  assert.equal(confusionMaps(evaluationOf(names(2), three)), undefined);
  const evaluation = evaluationOf(names(3), three);
  const { classNames: _, ...dataset } = evaluation.dataset;
  assert.equal(confusionMaps({ ...evaluation, dataset }), undefined);
  const rows = evaluation.rows.map(({ metric: { details: _, ...metric }, ...row }) => ({
    ...row,
    metric,
  }));
  assert.equal(confusionMaps({ ...evaluation, rows }), undefined);
});

Deno.test("mostConfused() goes by the share of the true class, not by the count", () => {
  assert.deepEqual(mostConfused([[90, 10, 0], [2, 2, 0], [1, 0, 0]], 2), [
    { truth: 2, said: 0, share: 1 },
    { truth: 1, said: 0, share: 0.5 },
  ]);
});

Deno.test("parseEvaluation() takes confusions and times back, and evaluations without them", () => {
  const evaluation = evaluationOf(names(3), three);
  const rows = evaluation.rows.map((row) => ({ ...row, millisecondsPerImage: 1.5 }));
  const timed = { ...evaluation, rows, batchSize: 8 };
  assert.deepEqual(parseEvaluation(JSON.parse(JSON.stringify(timed)), "it"), timed);
  assert.deepEqual(parseEvaluation(JSON.parse(JSON.stringify(evaluation)), "it"), evaluation);
  const wrong = JSON.parse(JSON.stringify(timed));
  wrong.rows[0].metric.details.confusion[0][1] = "two";
  assert.throws(
    () => parseEvaluation(wrong, "it"),
    /rows\.0\.metric\.details\.confusion\.0\.1 must be a number: current value is "two"/,
  );
});
