import assert from "node:assert/strict";
import type { Evaluation, EvaluationRow } from "@realign/core";
import { parseEvaluation } from "../runs/evaluation_file.ts";
import type { MetricsLine } from "../runs/metrics_file.ts";
import type { RunRecord } from "../runs/run_record.ts";
import type { KeptSamples } from "../runs/sample_files.ts";
import { sampleEvaluation, samplePreset } from "../testing.ts";
import { lossCharts } from "./charts.ts";
import { curveCharts } from "./curve_charts.ts";
import { renderReport, type ReportContent } from "./html.ts";

/** The head of a PNG of 32 by 16: all that the page reads of it. */
const png = new Uint8Array(33);
new DataView(png.buffer).setUint32(16, 32);
new DataView(png.buffer).setUint32(20, 16);

const record: RunRecord = {
  version: 2,
  id: "cls-sample-20250131-140233-kafo",
  created: "2025-01-31T14:02:33.000Z",
  preset: samplePreset,
  plugin: "",
  data: "",
  steps: {},
  digests: {},
  environment: { deno: "2.9.6" },
  stages: { train: { seconds: 3 } },
  warnings: ["weights are <random>"],
};

const row = (
  system: string,
  attack: string,
  value: number,
  more: Partial<EvaluationRow> = {},
): EvaluationRow => ({
  threatModel: attack === "clean" ? "none" : "oblivious",
  attack,
  settings: attack === "clean" ? null : samplePreset.attack,
  system,
  metric: { name: "accuracy", value, count: 200, interval: [value - 0.02, value + 0.02] },
  maxPerturbation: 0.031,
  seconds: 1,
  ...more,
});

const evaluation: Evaluation = {
  ...sampleEvaluation,
  dataset: { ...sampleEvaluation.dataset, count: 200 },
  rows: [
    row("none", "clean", 0.95),
    row("generator", "clean", 0.9111),
    row("none", "pgd", 0.03),
    row("generator", "pgd", 0.8222),
    row("generator", "pgd-20", 0.1333, { threatModel: "whitebox" }),
  ],
  published: {
    table: "Table 2",
    figures: { none: { clean: 95.1 }, generator: { pgd: 85.1, "pgd-20": 1.5 } },
  },
  warnings: ["weights are <random>"],
  environment: { deno: "2.9.6" },
  seconds: 12,
};

const samples: KeptSamples = {
  attack: "pgd",
  magnification: 15,
  samples: [{
    id: "test/3",
    truth: "cat",
    predictions: { clean: "cat 98 %", adversarial: "dog 99 %", restored: "cat 91 %" },
    pictures: { clean: png, adversarial: png, restored: png, difference: png },
  }],
};

const metrics: MetricsLine[] = Array.from({ length: 500 }, (_, step) => ({
  stage: "train",
  step,
  epoch: 0,
  learningRate: 1e-3,
  seconds: 0.1,
  losses: { task: 1 / (step + 1), perceptual: 2 },
}));

const content: ReportContent = {
  record,
  evaluation,
  samples,
  generatorCharts: await lossCharts(metrics, "train"),
  targetCharts: await lossCharts(metrics, "train-target"),
};

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

Deno.test("renderReport() is titled by target, data and method; the run's name stands in small print", () => {
  const page = renderReport(content);
  assert.match(page, /<h1>ResNet-20 on shapes, defended by Generator G \(full loss\)<\/h1>/);
  assert.match(page, /<title>ResNet-20 on shapes, defended by .* – Realign report<\/title>/);
  assert.match(page, /<p class="lead">[^<]*run cls-sample-20250131-140233-kafo<\/p>/);
});

Deno.test("renderReport() opens with the verdict, then warnings, then one attack on both sides", () => {
  const page = renderReport(content);
  assert.match(
    page,
    /<p class="verdict">Behind Generator G[^]*<ul class="warnings"[^]*aria-label="In short"[^]*<h2>/,
  );
  const [table] = /aria-label="In short"[^]*?<\/table>/.exec(page)!;
  const cells = Array.from(
    table.matchAll(/<(?:th|td)[^>]*>(?:<b>|<span[^>]*>)?(.*?)</g),
    ([, text]) => text,
  );
  assert.deepEqual(cells, [
    ...["accuracy, %", "Clean", "PGD, oblivious", "PGD-20, whitebox"],
    ...["O alone", "95.0", "3.0", "–"],
    ...["Behind Generator G", "91.1", "82.2", "13.3"],
  ]);
});

Deno.test("renderReport() says in its headline that no whitebox attack was made", () => {
  const rows = evaluation.rows.filter(({ threatModel }) => threatModel !== "whitebox");
  const page = renderReport({ ...content, evaluation: { ...evaluation, rows } });
  const cells = /<td class="empty" data-label="Whitebox"[^>]*><span aria-label="not measured">/g;
  assert.equal(page.match(cells)?.length, 2);
});

Deno.test("renderReport() has no headline where nothing or no defense was measured", () => {
  const empty = renderReport({ ...content, evaluation: { ...evaluation, rows: [] } });
  assert.doesNotMatch(empty, /aria-label="In short"|class="verdict"/);
  const [none] = evaluation.systems;
  const rows = evaluation.rows.filter(({ system }) => system === "none");
  const alone = renderReport({ ...content, evaluation: { ...evaluation, rows, systems: [none] } });
  assert.doesNotMatch(alone, /aria-label="In short"/);
  assert.match(alone, /<p class="verdict">O alone has 95\.0\u00a0% accuracy on clean images/);
});

Deno.test("renderReport() shows what an image takes, and on what it was measured", () => {
  const rows = evaluation.rows.map((row, index) =>
    row.attack === "clean" ? { ...row, millisecondsPerImage: 1.5 * (index + 1) } : row
  );
  const environment = { backend: { name: "wasm" }, threads: 1 };
  const page = renderReport({ ...content, evaluation: { ...evaluation, rows, environment } });
  assert.match(
    page,
    /data-label="Time per image"[^>]*><b>1\.5\u00a0ms<[^]*data-label="Time per image"[^>]*><b>3\u00a0ms</,
  );
  assert.match(page, /Time per clean image \(wasm, 1 thread\): O alone 1\.5\u00a0ms; Behind/);
});

Deno.test("renderReport() warns of few examples and broken figures even where the evaluation does not", () => {
  const rows = evaluation.rows.map((row) => ({ ...row, metric: { ...row.metric, count: 20 } }));
  const [first, ...rest] = rows;
  const broken = [{ ...first, notANumber: 2 }, ...rest];
  const page = renderReport({ ...content, evaluation: { ...evaluation, rows: broken } });
  const [list] = /<ul class="warnings"[^]*?<\/ul>/.exec(page)!;
  assert.match(list, /<li>Only 20 examples were measured: .* 4 points wide; measure at least 100</);
  assert.match(list, /<li>2 of 20 outputs of &quot;none&quot; are not numbers on clean images/);
  assert.doesNotMatch(renderReport(content), /Only 200 examples/);
});

Deno.test("renderReport() holds evaluation and settings as files, whatever stands in them", () => {
  const odd = { ...evaluation, warnings: ['"</a><script>alert(1)</script>'] };
  const page = renderReport({ ...content, evaluation: odd });
  assert.doesNotMatch(page, /<script/);
  const file = (name: string) => {
    const link = new RegExp(`<a download="${name}" href="data:application/json;base64,([^"]*)">`);
    return JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(link.exec(page)![1])));
  };
  assert.deepEqual(parseEvaluation(file("evaluation.json"), "it"), odd);
  assert.deepEqual(file("preset.json"), samplePreset);
});

Deno.test("renderReport() repeats a column's name in every cell, for pages too narrow for columns", () => {
  const page = renderReport(content);
  const tables = page.match(/<table class="results stacked">[^]*?<\/table>/g)!;
  assert.equal(tables.length, 2, "the headline and the attacks: others have two columns or less");
  for (const table of tables) {
    const [head, ...body] = table.split("<tr>").slice(1);
    const columns = Array.from(head.matchAll(/<th scope="col">(.*?)</g), ([, name]) => name);
    for (const line of body) {
      const names = Array.from(line.matchAll(/<td [^>]*data-label="(.*?)"/g), ([, name]) => name);
      assert.deepEqual(names, columns.slice(1));
    }
  }
});
