import assert from "node:assert/strict";
import { tableCharts } from "./charts.ts";
import { kindOf } from "./kinds.ts";
import { markdownTable } from "./markdown.ts";
import { renderTable } from "./page.ts";
import type { FinishedCell } from "./plan.ts";
import { cells, collect, finished, kind, preset } from "./testing.ts";

Deno.test("a table marks figures of outputs that are not numbers, as Markdown, page and bars", async () => {
  const broken = cells.map((cell, index) => {
    const { evaluation } = cell;
    const rows = evaluation.rows.map((row) =>
      index === 0 && row.attack === "pgd" && row.system === "generator"
        ? { ...row, notANumber: 3 }
        : row
    );
    return { ...cell, evaluation: { ...evaluation, rows } };
  });
  const note = "† some outputs are not numbers and count as wrong.";
  const table = collect(broken);
  assert.equal(table.rows[1].figures[1]!.notANumber, 3);
  const text = markdownTable(table);
  assert.match(text, /\| Full \| 62\.5 \([^|]*\| 50\.0† \(48\.0–52\.0\) \[85\.1\] \|/);
  assert.equal(text.match(/[\d.]+†/g)?.length, 2, "in both tables, and nowhere else");
  assert.ok(text.includes(`\n${note}\n`));
  const charts = await tableCharts(table);
  assert.match(charts[1].description, /Full 50\.0†, the paper 85\.1/);
  const page = renderTable(table, charts, preset, kind);
  assert.match(page, /<b>50\.0†<\/b>/);
  assert.ok(page.includes(note));
  assert.ok(!markdownTable(collect(cells)).includes("†"));
});

Deno.test("a table by a suite ends in what all attackers together leave, another O's too", () => {
  const suited = { ...kindOf("3", "classification"), suite: "standard" };
  const joined = (one: FinishedCell, system: string, value: number): FinishedCell => {
    const { evaluation } = one;
    const [row] = evaluation.rows;
    const worst = [{
      ...{ ...row, threatModel: "any", attack: "worst case", system },
      metric: { ...row.metric, value },
    }];
    return { ...one, evaluation: { ...evaluation, worst } };
  };
  const cells = [
    joined(finished("full", 1, 0.4), "generator", 0.01),
    joined(finished("trades", 1, 0.5, "an O of its own"), "none", 0.2),
  ];
  const table = collect(cells, suited);
  assert.deepEqual(table.columns.at(-1), { threatModel: "any", attack: "worst case" });
  assert.deepEqual(table.rows.map(({ figures }) => figures.at(-1)?.mean), [undefined, 0.01, 0.2]);
  assert.deepEqual([table.kind, table.suite], ["table-3-standard", "standard"]);
  assert.equal(collect(cells, kindOf("3", "classification")).columns.length, 3);
});

Deno.test("figures that an alarm concerns are marked in a table, as in a report", () => {
  const [one] = cells;
  // An attacker who knows G leaves more than one who does not.
  const rows = one.evaluation.rows.map((row) =>
    row.attack === "pgd-20" ? { ...row, attack: "pgd", metric: { ...row.metric, value: 0.9 } } : row
  );
  const table = collect([{ ...one, evaluation: { ...one.evaluation, rows } }]);
  assert.deepEqual(table.rows[1].figures.at(-1)!.alarms, ["oblivious-beats-whitebox"]);
  assert.match(markdownTable(table), /90\.0! [^]*! an alarm was raised: oblivious-beats-whitebox/);
});
