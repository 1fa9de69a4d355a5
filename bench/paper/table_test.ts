import assert from "node:assert/strict";
import { tableCharts } from "./charts.ts";
import { cellsOf, headingOf, kindOf } from "./kinds.ts";
import { markdownTable } from "./markdown.ts";
import { renderTable } from "./page.ts";
import type { FinishedCell } from "./plan.ts";
import { cells, collect, finished, kind, preset } from "./testing.ts";
import { collectTable } from "./table.ts";
import classification from "@realign/classification";

const { published } = classification as Required<typeof classification>;

Deno.test("collectTable() means over seeds and puts the paper's figures beside its own rows", () => {
  const table = collect(cells);
  assert.deepEqual(table.columns, [
    { threatModel: "none", attack: "clean" },
    { threatModel: "oblivious", attack: "pgd" },
    { threatModel: "whitebox", attack: "pgd-20" },
  ]);
  assert.equal(table.paperTable, "Tables 1 and 5, CIFAR10");
  const [none, full, , , , adversarial] = table.rows;
  assert.deepEqual(none.figures[1]!.values, [0, 0]);
  assert.equal(none.figures[1]!.paper, 0);
  assert.deepEqual(full.figures[1]!.values, [0.48, 0.52]);
  assert.equal(full.figures[1]!.mean, 0.5);
  assert.equal(full.figures[1]!.paper, 85.1);
  assert.equal(full.figures[1]!.margin?.toFixed(6), "0.030000");
  assert.equal(full.seconds, 20);
  assert.equal(none.figures[2], null, "O alone is not attacked so");
  assert.equal(adversarial.figures[1]!.paper, undefined, "the paper has no such row");
  assert.equal(table.order?.holds, true);
});

Deno.test("collectTable() puts other defenses beside G: transformations of O, and another O under its own attacks", () => {
  const table = collect([
    finished("trades", 1, 0.5, "an O of its own"),
    finished("full", 1, 0.4),
    finished("jpeg", 1, 0.4),
  ], kindOf("3", "classification"));
  const [none, trades, full, jpeg] = table.rows;
  assert.equal(table.paperTable, "Table 3, CIFAR10");
  assert.deepEqual(none.figures.map((figure) => figure?.paper), [95.1, 0, undefined]);
  assert.equal(full.figures[1]!.paper, 85.1);
  assert.equal(jpeg.title, "JPEG");
  assert.deepEqual([jpeg.figures[1]!.mean, jpeg.figures[1]!.paper], [0.3, 38.6]);
  assert.equal(jpeg.figures[2], null, "nothing was made through it");
  // O alone of the run in which it is another.
  assert.deepEqual([trades.figures[1]!.mean, trades.figures[1]!.paper], [0, 51.3]);
  assert.match(
    markdownTable(table),
    /\| Defense \|[^]*\| TRADES \* \|[^]*all attacks on it are whitebox/,
  );
});

Deno.test("collectTable() tells where the wanted order does not hold, and where rows are missing", () => {
  const other = [...cells.filter(({ cell }) => cell.name !== "L_T"), finished("L_T", 1, 0.9)];
  const { order } = collect(other);
  assert.deepEqual(order?.measured, ["L_T", "full", "L_I+F", "L_I"]);
  assert.equal(order?.holds, false);
  assert.equal(collect(cells.slice(0, 2)).order, undefined);
});

Deno.test("collectTable() refuses cells of a seed that were measured on different targets", () => {
  assert.throws(
    () => collect([...cells, finished("L_F", 1, 0.5, "another")]),
    /Cannot make a table as L_F of seed 1 \(run-L_F-1\) was not evaluated on the target of run-full-1/,
  );
});

Deno.test("markdownTable() shows mean, spread and the paper's figure", () => {
  const text = markdownTable(collect(cells));
  assert.match(text, /\| Losses \| Clean \| PGD, oblivious \| PGD-20, whitebox \|/);
  assert.match(
    text,
    /\| Full \| 62\.5 \(62\.5–62\.5\) \[90\.7\] \| 50\.0 \(48\.0–52\.0\) \[85\.1\] \|/,
  );
  assert.match(text, /\| full@adversarial \| x\^a, as printed \|/);
  assert.match(
    text,
    /Expected under PGD, oblivious: full > L_I\+F > L_I > L_T; measured: .*, the same order/,
  );
  const one = markdownTable(collect(cells.filter(({ seed }) => seed === 1)));
  assert.match(one, /\| Full \| 62\.5 ± 3\.0 \[90\.7\] \|/);
});

Deno.test("renderTable() is one page with bars that need nothing from outside", async () => {
  const table = collect(cells);
  const charts = await tableCharts(table);
  assert.match(
    charts[1].description,
    /PGD, oblivious: O alone 0\.0, the paper 0; Full 50\.0, the paper 85\.1/,
  );
  const page = renderTable(table, charts, preset, kind);
  assert.equal(page.match(/<svg/g)?.length, 3);
  assert.doesNotMatch(page, /https?:|<link|<script|@import|url\(/);
  assert.match(page, /Weights are &lt;random&gt;/);
  assert.match(page, /<b>50\.0<\/b><small>48\.0 – 52\.0<\/small><small class="paper">paper 85\.1/);
});

Deno.test("the table of values has a row for each change, without the paper's figures", () => {
  const values = kindOf("values", "classification");
  const [first, second, ...more] = cellsOf(values, preset);
  const cells = [finished(first.name, 1, 0.6), finished(second.name, 1, 0.5)];
  const table = collect(cells, values);
  assert.equal(table.kind, "table-values");
  assert.deepEqual(table.rows.slice(1).map(({ title }) => title), [
    first.change!.title,
    second.change!.title,
  ]);
  assert.ok(table.rows.slice(1).every(({ figures }) => figures.every((one) => !one?.paper)));
  assert.match(markdownTable(table), /^\| Ours .* 60\.0/m);
  assert.equal(more.at(-1)!.name, "authors");
  assert.equal(headingOf(values), "Values");
});

Deno.test("collectTable() measures how far rows stand in the paper's order", () => {
  const { agreement } = collect(cells);
  const pgd = agreement!.find(({ column }) => column.attack === "pgd")!;
  // O alone, full, L_I+F, L_I, L_T: in the paper 0, 85.1, 81.9, 62.9, 29.5; the same order as ours.
  assert.deepEqual([pgd.rows, pgd.tau], [5, 1]);
  const mixed = [...cells.filter(({ cell }) => cell.name !== "L_T"), finished("L_T", 1, 0.35)];
  // Of ten pairs, (L_I, L_T) is the other way round.
  assert.equal(collect(mixed).agreement!.find(({ column }) => column.attack === "pgd")!.tau, 0.8);
  assert.match(
    markdownTable(collect(cells)),
    /Kendall's tau over 5 rows: .*PGD, oblivious 1\.00\.$/m,
  );
});

Deno.test("collectTable() of Table 12 has what a substitute's attacks leave, and the paper's beside", () => {
  const twelve = kindOf("12", "classification");
  const from = cells.filter(({ cell }) => !cell.name.includes("@")).map((cell): FinishedCell => {
    const { rows } = cell.evaluation;
    const transfer = rows.filter(({ attack }) => attack === "pgd").map((row) => ({
      ...row,
      threatModel: "transfer",
      substitute: "resnet20",
    }));
    const substitutes = { resnet20: { architecture: "resnet20", digest: "s" } };
    return {
      ...cell,
      evaluation: { ...cell.evaluation, substitutes, rows: [...rows, ...transfer] },
    };
  });
  const table = collect(from, twelve);
  assert.deepEqual(table.columns, [
    { threatModel: "none", attack: "clean" },
    { threatModel: "transfer", substitute: "resnet20", attack: "pgd" },
  ]);
  assert.equal(table.kind, "table-12");
  assert.equal(table.paperTable, "Table 12, CIFAR10, from ResNet50");
  assert.deepEqual(table.rows.map(({ figures }) => figures[1]?.paper), [
    2.1,
    81.4,
    78.2,
    66.4,
    49.5,
  ]);
  assert.equal(table.order, undefined, "nothing oblivious");
  const other = collectTable(from, preset, twelve, () => {
    const { threatModels: _, ...rest } = published(preset)!;
    return rest;
  });
  assert.equal(other.paperTable, "Tables 1 and 5, CIFAR10", "clean figures stand there too");
  const text = markdownTable(table);
  assert.match(text, /\| PGD, transfer from resnet20 \|/);
  assert.match(text, /^Attacks are made on a substitute, resnet20\.$/m);
  assert.deepEqual(collect(from).columns.map(({ threatModel }) => threatModel), [
    "none",
    "oblivious",
    "whitebox",
  ]);
});

Deno.test("collectTable() of Table 5 has a row for what is behind G", () => {
  const five = kindOf("5", "classification");
  const one = finished("full", 1, 0.48);
  const { evaluation } = one;
  const jpeg = { name: "jpeg", quality: 75 };
  const systems = [...evaluation.systems, {
    name: "generator+jpeg",
    title: "Generator G, then JPEG",
    role: "other" as const,
    defenses: [{ name: "generator" }, jpeg],
  }];
  const rows = evaluation.rows.flatMap((row) =>
    row.system === "generator" ? [row, { ...row, system: "generator+jpeg" }] : [row]
  );
  const table = collect([{ ...one, evaluation: { ...evaluation, systems, rows } }], five);
  assert.deepEqual(table.rows.map(({ name }) => name), [
    "none",
    "full",
    "full, Generator G, then JPEG",
  ]);
  assert.deepEqual(table.rows.map(({ figures }) => figures[1]?.paper), [0, 85.1, 84.3]);
  assert.match(markdownTable(table), /^\| Full, Generator G, then JPEG \|/m);
});
