import type { Evaluation } from "@realign/core";
import assert from "node:assert/strict";
import { parseEvaluation } from "../runs/evaluation_file.ts";
import { renderReport } from "./html.ts";
import { content, evaluation } from "./testing.ts";
import { evaluationTable } from "./text.ts";
import { alarmsOf, warningsOf } from "./warnings.ts";

const text = "The gradient through <generator> is exactly 0";
const numbers = { images: 1, entries: 1, examples: 32 };
const alarmed: Evaluation = {
  ...evaluation,
  alarms: [{ name: "gradient-zero", system: "generator", threatModel: "whitebox", text, numbers }],
  probes: [{ system: "generator", examples: 32, epsilon: 0.03, numbers: { probabilities: 0.5 } }],
};

Deno.test("a figure with an alarm is marked wherever a page prints it, and the alarm stands in words", () => {
  const page = renderReport({ ...content, evaluation: alarmed });
  assert.equal(
    page.match(/<b>13\.3!<\/b>/g)?.length,
    4,
    "in headline, ladder twice and table",
  );
  assert.doesNotMatch(page, /13\.3[^!\d]/, "nor anywhere without");
  assert.match(page, /leaves 13\.3!\u00a0%/, "in the verdict");
  assert.equal(page.match(/! an alarm was raised: gradient-zero/g)?.length, 3);
  const [list] = /<ul class="warnings alarms"[^]*?<\/ul>/.exec(page)!;
  assert.match(
    list,
    /<b>! gradient-zero<\/b>: The gradient through &lt;generator&gt; is exactly 0\./,
  );
  assert.match(list, /To do: approximate what kills the gradient \(BPDA\)/);
  const honest = renderReport(content);
  assert.doesNotMatch(honest, /[\d.]+!|aria-label="Alarms"/);
});

Deno.test("a table of classes marks the columns that an alarm concerns", () => {
  const rows = evaluation.rows.map((row) => ({
    ...row,
    metric: { ...row.metric, details: { perClass: [0.25, 0.5] } },
  }));
  const dataset = { ...evaluation.dataset, classNames: ["cat", "dog"] };
  const page = renderReport({ ...content, evaluation: { ...alarmed, dataset, rows } });
  const [table] = /absent from the data[^]*?<table class="results dense">[^]*?<\/table>/.exec(
    page,
  )!;
  assert.match(table, /^absent from the data; ! an alarm was raised: gradient-zero\./);
  assert.equal(
    table.match(/<th scope="col">[^<]*!<\/th>/g)?.join(),
    '<th scope="col">Behind Generator G: PGD-20, whitebox !</th>',
  );
});

Deno.test("evaluationTable() marks figures in table and verdict, and tells of alarms between them", () => {
  const table = evaluationTable(alarmed);
  assert.match(
    table,
    /13\.3! \([^]*! an alarm was raised: gradient-zero\.[^]*Alarms:\n {2}! gradient-zero: The[^]*leaves 13\.3! %/,
  );
  assert.equal(table.match(/82\.2!/g), null, "the oblivious figure is what it says");
});

Deno.test("alarms and probes come back from a file; older ones raise theirs anew, as no warnings", () => {
  assert.deepEqual(parseEvaluation(JSON.parse(JSON.stringify(alarmed)), "it"), alarmed);
  const rows = evaluation.rows.map((row) =>
    row.threatModel === "whitebox" ? { ...row, metric: { ...row.metric, value: 0.95 } } : row
  );
  const [alarm, ...more] = alarmsOf({ ...evaluation, rows });
  assert.deepEqual([alarm.name, more], ["oblivious-beats-whitebox", []]);
  const older = { ...evaluation, rows, warnings: ["other", alarm.text] };
  assert.deepEqual(warningsOf({ warnings: [] }, older), ["other"]);
  assert.deepEqual(alarmsOf({ ...older, alarms: [alarm] }), [alarm], "each once");
  assert.match(renderReport({ ...content, evaluation: older }), /leaves 95\.0!/);
});
