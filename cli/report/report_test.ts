import type { Evaluation } from "@realign/core";
import assert from "node:assert/strict";
import { parseEvaluation } from "../runs/evaluation_file.ts";
import { curveCharts } from "./curve_charts.ts";
import { renderReport } from "./html.ts";
import { evaluationTable } from "./text.ts";
import { content, evaluation, png, record, samples } from "./testing.ts";

Deno.test("renderReport() shows every figure with its interval and the paper's", () => {
  const page = renderReport(content);
  for (const figure of ["95.0", "91.1", "82.2", "13.3", "paper 85.1", "80.2 – 84.2", "n = 200"]) {
    assert.ok(page.includes(figure), `${figure} is missing`);
  }
  assert.match(page, /Oblivious attacker[^]*Whitebox attacker/);
  assert.match(page, /gradients are taken through the defense/);
  assert.match(page, /the paper’s figure \(Table 2\)/);
  assert.doesNotMatch(page, /paper 1\.5/, "the paper has no whitebox figures");
  assert.match(page, /<th scope="col">PGD<\/th>/);
  assert.match(page, /<th scope="row">Generator G<\/th>/);
});

Deno.test("renderReport() has a table for each substitute, with the paper's figures of its threat model", () => {
  const [, attacked] = evaluation.rows;
  const by = (substitute: string, value: number) => ({
    ...attacked,
    threatModel: "transfer",
    substitute,
    attack: "pgd",
    metric: { ...attacked.metric, value },
  });
  const transfer = {
    table: "Table 12",
    figures: { [attacked.system]: { pgd: 64.2 } },
  };
  const told: Evaluation = {
    ...evaluation,
    rows: [...evaluation.rows, by("first", 0.321), by("second", 0.456)],
    published: { ...evaluation.published!, threatModels: { transfer } },
  };
  assert.deepEqual(parseEvaluation(JSON.parse(JSON.stringify(told)), "evaluation.json"), told);
  const page = renderReport({ ...content, evaluation: told });
  const [, first, second] = page.split(/<h2>Transfer attacker, from (?:first|second)<\/h2>/);
  assert.match(first, /^[^]*?<b>32\.1<\/b>/);
  assert.match(second, /^[^]*?<b>45\.6<\/b>/);
  assert.match(first, /the paper’s figure \([^)]*; Table 12\)/);
  assert.match(first, /paper 64\.2/);
  const text = evaluationTable(told);
  assert.match(
    text,
    /^transfer attacker from first: [^]*32\.1[^]*^transfer attacker from second: [^]*45\.6/m,
  );
});

Deno.test("renderReport() shows another target's results below the run's own", () => {
  const other: Evaluation = {
    ...evaluation,
    target: { architecture: "resnet56", digest: "0123456789" },
    trainedFor: evaluation.target,
    warnings: ["the other <target>"],
  };
  assert.deepEqual(parseEvaluation(JSON.parse(JSON.stringify(other)), "evaluation.json"), other);
  const page = renderReport({ ...content, others: [other] });
  const [own, beside] = page.split("<h2>In front of another target: resnet56</h2>");
  assert.match(own, /Oblivious attacker/);
  assert.match(beside, /weights 01234567\)[^]*The other &lt;target&gt;[^]*Oblivious attacker/);
  assert.match(evaluationTable(other), /^O is resnet56; G was trained for another, /);
});

Deno.test("renderReport() shows pictures with what O says, as data", () => {
  const page = renderReport(content);
  assert.equal(page.match(/<img src="data:image\/png;base64,/g)?.length, 4);
  assert.match(page, /alt="Adversarial: cat, test\/3, O says dog 99 %"/);
  assert.match(page, /class="wrong">dog 99 % ✗/);
  assert.match(page, /--ratio:32 \/ 16/);
  assert.match(page, /magnified 15 times/);
});

Deno.test("renderReport() lays boxes with class and score on pictures", () => {
  const one = [{ box: [0.25, 0.5, 0.5, 1], class: 1, score: 0.876 }] as const;
  const boxes = {
    truth: [{ box: [0, 0, 1, 1], class: 0 }] as const,
    clean: one,
    adversarial: [],
    restored: one,
  };
  const legend = [
    { name: "a <b>", colour: [1, 2, 3] },
    { name: "cell", colour: [200, 0, 0] },
  ] as const;
  const [sample] = samples.samples;
  const page = renderReport({
    ...content,
    samples: { ...samples, legend, samples: [{ ...sample, truth: "", boxes }] },
  });
  // 32 by 16 pixels: 300 by 150 units.
  const rects = page.match(
    /<rect x="75.0" y="75.0" width="75.0" height="75.0" stroke="rgb\(200 0 0\)"/g,
  );
  assert.equal(rects?.length, 2);
  assert.equal(page.match(/>cell 88<\/text>/g)?.length, 2);
  assert.equal(page.match(/>a &lt;b&gt;<\/text>/g)?.length, 1);
  assert.match(page, /<i style="background:rgb\(1 2 3\)"><\/i>a &lt;b&gt;/);
  assert.match(page, /alt="1 true boxes on test\/3"/);
  assert.doesNotMatch(page, /class="wrong"/);
  assert.match(page, /alt="Clean: test\/3, O says cat 98 %"/);
});

Deno.test("renderReport() puts label maps below the pictures, the truth first", () => {
  const maps = { truth: png, clean: png, adversarial: png, restored: png };
  const legend = [{ name: "road", colour: [128, 64, 128] }] as const;
  const [sample] = samples.samples;
  const page = renderReport({
    ...content,
    samples: { ...samples, legend, samples: [{ ...sample, maps }] },
  });
  assert.equal(page.match(/<img src="data:image\/png;base64,/g)?.length, 8);
  assert.match(
    page,
    /<tr class="maps"><th [^>]*><img [^>]*alt="Label map of test\/3"><\/th><td [^>]*><img [^>]*clean/,
  );
  assert.match(page, /rgb\(128 64 128\)"><\/i>road[^]*ignored/);
});

/** What class tables and curves compare: who attacks is said everywhere. */
const COMPARED = [
  "O alone: Clean",
  "Behind Generator G: Clean",
  "O alone: PGD, oblivious",
  "Behind Generator G: PGD, oblivious",
  "Behind Generator G: PGD-20, whitebox",
];

const withClasses: Evaluation = {
  ...evaluation,
  dataset: { ...evaluation.dataset, classNames: ["cat", "dog"] },
  rows: evaluation.rows.map((row, index) => ({
    ...row,
    metric: {
      ...row.metric,
      name: "mAP",
      details: {
        perClass: [0.25 + 0.01 * index, null],
        curves: { axes: ["recall", "precision"], lines: [[[0, 1], [0.5, 0.4], [1, 0]], null] },
      },
    },
  })),
};

Deno.test("renderReport() shows each class's figures: clean, attacked, restored", () => {
  const page = renderReport({ ...content, evaluation: withClasses });
  const [table] = /<table class="results dense">[^]*?<\/table>/.exec(page)!;
  assert.deepEqual(
    Array.from(table.matchAll(/<th scope="col">(.*?)<\/th>/g), ([, title]) => title),
    ["Class", ...COMPARED],
  );
  assert.match(
    table,
    /<th scope="row">cat<\/th>\s*<td class="figure" data-label="O alone: Clean" style="--share:0.250">25.0<\/td>/,
  );
  assert.match(
    table,
    /<th scope="row">dog<\/th>\s*<td class="empty"[^>]*><span aria-label="absent">/,
  );
  assert.match(page, /Average precision per class in percent/);
  assert.doesNotMatch(renderReport(content), /Each class/);
});

Deno.test("curveCharts() draws the mean and each class that was met, and names the lines", async () => {
  assert.equal(await curveCharts(evaluation), undefined);
  const curves = (await curveCharts(withClasses))!;
  assert.equal(curves.title, "Precision over recall");
  assert.deepEqual(curves.charts.map(({ title }) => title), ["mean over classes", "cat"]);
  assert.deepEqual(
    curves.legend.map(({ name }) => name),
    COMPARED,
  );
  const page = renderReport({ ...content, evaluation: withClasses, curves });
  assert.match(page, /<h2>Precision over recall<\/h2>\s*<ul class="legend" aria-label="Lines">/);
  for (const { svg } of curves.charts) assert.equal(svg.match(/<path [^>]*stroke="#/g)?.length, 5);
});

Deno.test("parseEvaluation() takes values and curves of classes back, and names what is wrong", () => {
  const value = JSON.parse(JSON.stringify(withClasses));
  assert.deepEqual(parseEvaluation(value, "evaluation.json"), withClasses);
  value.rows[0].metric.details.perClass[1] = "none";
  assert.throws(
    () => parseEvaluation(value, "evaluation.json"),
    /rows\.0\.metric\.details\.perClass\.1 must be a number: current value is "none"/,
  );
});

Deno.test("renderReport() needs nothing from outside and escapes what it is given", () => {
  const page = renderReport(content);
  assert.doesNotMatch(page, /https?:|<link|<script|@import|url\(/);
  assert.ok(!page.includes("<random>"));
  assert.equal(page.match(/Weights are &lt;random&gt;/g)?.length, 1, "a warning stands once");
});

Deno.test("renderReport() says so where a run was not evaluated, and how to type it", () => {
  const none = { ...content, evaluation: undefined, samples: undefined };
  const page = renderReport(none);
  assert.match(page, /not been evaluated yet: realign evaluate cls-sample-20250131-140233-kafo/);
  const odd = renderReport({ ...none, record: { ...record, id: "my run; rm x" } });
  assert.match(odd, /not been evaluated yet: realign evaluate 'my run; rm x'</);
});

Deno.test("lossCharts() draws a curve a term and describes it", () => {
  assert.deepEqual(content.targetCharts, []);
  const [task, perceptual] = content.generatorCharts;
  assert.equal(task.title, "task");
  assert.match(task.description, /task over 500 steps: 0\.\d+ at the start, 0\.002\d* at the end/);
  assert.equal(perceptual.description, "perceptual over 500 steps: 2 at the start, 2 at the end");
  assert.match(task.svg, /^<svg aria-hidden="true" viewBox="[^"]+">.*<path/s);
});

Deno.test("parseEvaluation() takes an evaluation back from JSON and names what is wrong", () => {
  const value = JSON.parse(JSON.stringify(evaluation));
  assert.deepEqual(parseEvaluation(value, "evaluation.json"), evaluation);
  value.rows[2].metric.value = "high";
  assert.throws(
    () => parseEvaluation(value, "evaluation.json"),
    /Cannot use evaluation.json as rows.2.metric.value must be a number: current value is "high"/,
  );
});

Deno.test("renderReport() marks every figure that counts outputs which are not numbers", () => {
  const rows = evaluation.rows.map((row) => ({ ...row, notANumber: 3 }));
  const page = renderReport({
    ...{ record, samples: undefined, generatorCharts: [], targetCharts: [] },
    evaluation: { ...evaluation, rows },
  });
  assert.equal(page.match(/<b>[\d.]+†<\/b>/g)?.length, page.match(/<b>[\d.]+/g)?.length);
  assert.match(page, /<small>3 of 200 outputs are not numbers<\/small>/);
  assert.match(page, /† some outputs are not numbers and count as wrong/);
  assert.match(page, /keeps 91\.1†\u00a0% accuracy/);
});
