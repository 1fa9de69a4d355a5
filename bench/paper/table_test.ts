import type { EvaluationRow, Preset } from "@realign/core";
import classification from "@realign/classification";
import assert from "node:assert/strict";
import { sampleEvaluation } from "../../cli/testing.ts";
import { defaultCells, overridesOf, parseCell } from "./cells.ts";
import { tableCharts } from "./charts.ts";
import type { FinishedCell } from "./grid.ts";
import { markdownTable } from "./markdown.ts";
import { renderTable } from "./page.ts";
import { collectTable } from "./table.ts";

const { presets, published } = classification as Required<typeof classification>;
const preset: Preset = presets["cls-cifar10-small"];

/** A cell whose accuracies are known. */
function finished(
  name: string,
  seed: number,
  pgd: number,
  digest = `target ${seed}`,
): FinishedCell {
  const row = (system: string, attack: string, value: number, through = false): EvaluationRow => ({
    threatModel: attack === "clean" ? "none" : through ? "whitebox" : "oblivious",
    attack,
    settings: null,
    system,
    metric: { name: "accuracy", value, count: 1000, interval: [value - 0.03, value + 0.02] },
    maxPerturbation: 0,
    seconds: 1,
  });
  return {
    cell: parseCell(name),
    seed,
    run: `run-${name}-${seed}`,
    stages: { train: { seconds: 10, steps: 625 } },
    evaluation: {
      version: 2,
      preset: preset.name,
      task: "classification",
      dataset: { name: "cifar10", split: "test", digest: "data", count: 1000 },
      target: { architecture: "wrn-10-2", digest },
      seed,
      systems: [
        ...sampleEvaluation.systems,
        { name: "jpeg", title: "JPEG", role: "other", defenses: [] },
      ],
      published: published({
        ...preset,
        losses: { ...preset.losses, setting: parseCell(name).setting },
      }),
      rows: [
        row("none", "clean", 0.775),
        row("generator", "clean", 0.625),
        row("none", "pgd", 0),
        row("jpeg", "pgd", 0.3),
        row("generator", "pgd", pgd),
        row("generator", "worst case", 0.1),
        row("generator", "pgd-20", 0, true),
      ],
      warnings: ["weights are <random>"],
      environment: { deno: "2" },
      seconds: 5,
    },
  };
}

const cells = [
  ...[1, 2].flatMap((seed) => [
    finished("full", seed, seed === 1 ? 0.48 : 0.52),
    finished("L_I+F", seed, 0.4),
    finished("L_I", seed, 0.3),
    finished("L_T", seed, 0.2),
    finished("full@adversarial", seed, 0.1),
  ]),
];

Deno.test("parseCell() reads rows and pixel targets, and names what was meant", () => {
  assert.deepEqual(parseCell("L_I+F"), { name: "L_I+F", setting: "L_I+F" });
  assert.deepEqual(parseCell("full@intermediate+gradient"), {
    name: "full@intermediate+gradient",
    setting: "full",
    pixelTarget: "intermediate",
    stopGradient: "none",
  });
  assert.throws(() => parseCell("L_I+G"), /Cannot find the cell "L_I\+G": did you mean "L_I\+F"/);
  assert.throws(
    () => parseCell("full@claen"),
    /pixel target of "full@claen": did you mean "clean"/,
  );
  assert.throws(() => parseCell("full@clean+gradient"), /Cannot find the pixel target/);
});

Deno.test("defaultCells() are the six rows and every pixel target that is not the preset's", () => {
  const names = (stopGradient: "none" | "all") =>
    defaultCells({ ...preset.losses, pixelTarget: "intermediate", stopGradient })
      .map(({ name }) => name);
  assert.deepEqual(names("all").slice(0, 6), ["L_I", "L_F", "L_I+F", "L_T", "L_T+F", "full"]);
  assert.deepEqual(names("all").slice(6), [
    "full@adversarial",
    "full@clean",
    "full@intermediate+gradient",
  ]);
  assert.deepEqual(names("none").slice(6), [
    "full@intermediate",
    "full@adversarial",
    "full@clean",
  ]);
  assert.deepEqual(overridesOf(parseCell("L_T")).map(({ path, text }) => [path.join("."), text]), [
    ["losses.setting", "L_T"],
  ]);
});

Deno.test("collectTable() means over seeds and puts the paper's figures beside its own rows", () => {
  const table = collectTable(cells, preset);
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

Deno.test("collectTable() tells where the wanted order does not hold, and where rows are missing", () => {
  const other = [...cells.filter(({ cell }) => cell.name !== "L_T"), finished("L_T", 1, 0.9)];
  const { order } = collectTable(other, preset);
  assert.deepEqual(order?.measured, ["L_T", "full", "L_I+F", "L_I"]);
  assert.equal(order?.holds, false);
  assert.equal(collectTable(cells.slice(0, 2), preset).order, undefined);
});

Deno.test("collectTable() refuses cells of a seed that were measured on different targets", () => {
  assert.throws(
    () => collectTable([...cells, finished("L_F", 1, 0.5, "another")], preset),
    /Cannot make a table as L_F of seed 1 \(run-L_F-1\) was not evaluated on the target of run-full-1/,
  );
});

Deno.test("markdownTable() shows mean, spread and the paper's figure", () => {
  const text = markdownTable(collectTable(cells, preset));
  assert.match(text, /\| Losses \| Clean \| PGD \| PGD-20, whitebox \|/);
  assert.match(
    text,
    /\| Full \| 62\.5 \(62\.5–62\.5\) \[90\.7\] \| 50\.0 \(48\.0–52\.0\) \[85\.1\] \|/,
  );
  assert.match(text, /\| full@adversarial \| x\^a, as printed \|/);
  assert.match(text, /Expected under PGD: full > L_I\+F > L_I > L_T; measured: .*, the same order/);
  const one = markdownTable(collectTable(cells.filter(({ seed }) => seed === 1), preset));
  assert.match(one, /\| Full \| 62\.5 ± 3\.0 \[90\.7\] \|/);
});

Deno.test("renderTable() is one page with bars that need nothing from outside", async () => {
  const table = collectTable(cells, preset);
  const charts = await tableCharts(table);
  assert.match(
    charts[1].description,
    /PGD: O alone 0\.0, the paper 0; Full 50\.0, the paper 85\.1/,
  );
  const page = renderTable(table, charts, preset);
  assert.equal(page.match(/<svg/g)?.length, 3);
  assert.doesNotMatch(page, /https?:|<link|<script|@import|url\(/);
  assert.match(page, /Weights are &lt;random&gt;/);
  assert.match(page, /<b>50\.0<\/b><small>48\.0 – 52\.0<\/small><small class="paper">paper 85\.1/);
});
