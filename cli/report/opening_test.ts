import assert from "node:assert/strict";
import { parseEvaluation } from "../runs/evaluation_file.ts";
import { samplePreset } from "../testing.ts";
import { renderReport } from "./html.ts";
import { content, evaluation } from "./testing.ts";

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
    ...["accuracy, %", "Clean", "PGD, oblivious", "Worst case, all attackers"],
    ...["O alone", "95.0", "3.0", "3.0"],
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

Deno.test("renderReport() shows how far restored clean images lie from the clean ones", () => {
  const rows = evaluation.rows.map((row) =>
    row.attack === "clean" && row.system === "generator"
      ? { ...row, reconstructionError: 0.1 }
      : row
  );
  const page = renderReport({ ...content, evaluation: { ...evaluation, rows } });
  const cells = Array.from(
    page.matchAll(/data-label="Reconstruction error"[^>]*>(<b>[\d.]*|<span aria-label="not meas)/g),
    ([, cell]) => cell,
  );
  assert.deepEqual(cells, ['<span aria-label="not meas', "<b>26"]);
  assert.match(page, /Reconstruction error, [^<]*255 grey levels\): Behind Generator G 26\./);
  assert.doesNotMatch(renderReport(content), /Reconstruction error/);
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
  assert.equal(
    tables.length,
    3,
    "the headline, the ladder and the attacks: others have two columns or less",
  );
  for (const table of tables) {
    const [head, ...body] = table.split("<tr>").slice(1);
    const columns = Array.from(head.matchAll(/<th scope="col">(.*?)</g), ([, name]) => name);
    for (const line of body) {
      const names = Array.from(line.matchAll(/<td [^>]*data-label="(.*?)"/g), ([, name]) => name);
      assert.deepEqual(names, columns.slice(1));
    }
  }
});
