import type { Preset } from "@realign/core";
import { createRestorer, recipes } from "@realign/core/recipes";
import { useTestBackend } from "@realign/core/testing";
import { resolveDefense } from "@realign/core/defenses";
import classification from "@realign/classification";
import detection from "@realign/detection";
import segmentation from "@realign/segmentation";
import assert from "node:assert/strict";
import { applyOverrides } from "../../cli/presets/overrides.ts";
import { cellBeside, overridesOf, parseCell } from "./cells.ts";
import { withChosenSuite } from "../../cli/presets/choose_suite.ts";
import { cellsOf, kindOf } from "./kinds.ts";
import { RIVALS, rivalsOf } from "./rivals.ts";

await useTestBackend();
const { presets } = classification;
const preset = presets["cls-cifar10-small"];

const plugins = [
  [classification, preset, []],
  [segmentation, segmentation.presets["seg-cityscapes"], ["JPEG"]],
  [segmentation, segmentation.presets["seg-voc2012-deeplabv3"], ["JPEG"]],
  [detection, detection.presets["det-voc0712"], ["JPEG"]],
  [detection, detection.presets["det-voc0712-rfbnet"], ["JPEG"]],
] as const;

Deno.test("every rival is in the tables of its tasks, and has its row in the paper's", () => {
  for (const [plugin, preset, unprinted] of plugins) {
    const printed = plugin.publishedRivals!(preset, "own")!.figures;
    const names = rivalsOf(plugin.name);
    const rows = names.flatMap((name) => RIVALS[name].paper ?? []);
    const missing = rows.filter((row) => !(row in printed));
    assert.deepEqual(missing, unprinted, `of ${preset.name}`);
    assert.deepEqual(Object.keys(printed).filter((row) => !rows.includes(row)), []);
    for (const name of names) {
      const rival = RIVALS[name];
      if (rival.by === "transformation") {
        for (const one of rival.defenses) resolveDefense(one);
        continue;
      }
      const cell = cellBeside(parseCell(name), preset);
      const made = applyOverrides(preset, overridesOf(cell), plugin);
      if (rival.by === "recipe") assert.ok(made.recipe!.name in recipes, name);
      else assert.equal(name === "none-finetuned", made.target.train.adversarial === undefined);
    }
  }
  const titles = Object.values(RIVALS).map((rival) =>
    rival.by === "transformation" ? rival.title : rival.change.title
  );
  assert.equal(new Set(titles).size, titles.length);
});

Deno.test("the paper's other defenses stand beside the tables that print them, and nowhere else", () => {
  const seg = segmentation.presets;
  const figure = (name: string, view: "own" | "transfer" | "moved", row: string, attack: string) =>
    segmentation.publishedRivals!(seg[name], view)?.figures[row]?.[attack];
  assert.equal(figure("seg-cityscapes", "own", "DDCAT", "bim"), 30.2);
  assert.equal(figure("seg-cityscapes-deeplabv3", "own", "SAT (finetune)", "pgd-cw"), 37.1);
  assert.equal(figure("seg-voc2012", "transfer", "NRP", "deepfool"), 59.3);
  assert.equal(figure("seg-voc2012-deeplabv3", "moved", "SR", "bim"), 52.1);
  assert.equal(figure("seg-voc2012-deeplabv3", "moved", "SR", "clean"), undefined);
  assert.equal(figure("seg-voc2012", "moved", "SR", "bim"), undefined);
  assert.equal(figure("seg-cityscapes-deeplabv3", "transfer", "NRP", "bim"), undefined);
  assert.equal(figure("seg-camvid-small", "own", "NRP", "bim"), undefined);
  const det = (name: string, view: "own" | "transfer" | "moved") =>
    detection.publishedRivals!(detection.presets[name], view)?.figures.MTD["cls+loc"];
  assert.deepEqual(
    [det("det-voc0712", "own"), det("det-voc0712-rfbnet", "own"), det("det-voc0712", "transfer")],
    [31.8, 35.1, 44.1],
  );
  assert.deepEqual([det("det-voc0712", "moved"), det("det-bccd-small", "own")], [
    undefined,
    undefined,
  ]);
});

Deno.test("a row of another task is refused in one line", () => {
  assert.throws(
    () => cellBeside(parseCell("mtd"), segmentation.presets["seg-camvid-small"]),
    /^UsageError: Cannot fill the row "mtd" with segmentation as it is of detection: .*$/,
  );
});

Deno.test("every row of Table 4 on CamVid and BCCD is a preset that its task accepts", () => {
  for (
    const [plugin, name] of [[segmentation, "seg-camvid-small"], [
      detection,
      "det-bccd-small",
    ]] as const
  ) {
    const preset = plugin.presets[name];
    const cells = cellsOf(kindOf("4", plugin.name), preset).map((cell) => cellBeside(cell, preset));
    for (const cell of cells) {
      const made = applyOverrides(preset, overridesOf(cell), plugin);
      const chosen = withChosenSuite(made, plugin, { suite: "standard" });
      assert.equal(chosen.evaluation.suite, "standard", cell.name);
      const { rival } = cell;
      if (rival?.by !== "target") continue;
      const { peak } = made.target.train.schedule;
      assert.equal(peak, rival.finetuned ? 2e-4 : 2e-3, cell.name);
    }
  }
});

Deno.test("purifiers beside a narrow G have about as many weights, those beside the paper's are as published", () => {
  const wide = { ...preset, generator: { ...preset.generator, width: 64 } };
  for (const name of ["hgd", "nrp", "fpd", "sr"]) {
    const countOf = (made: Preset) => {
      using restorer = createRestorer(made);
      return restorer.parameters.trainable.reduce((sum, { size }) => sum + size, 0);
    };
    const cell = cellBeside(parseCell(name), preset);
    const narrow = countOf(applyOverrides(preset, overridesOf(cell), classification));
    assert.ok(narrow < 2.5 * countOf(preset), `${name}: ${narrow}`);
    assert.match(cell.change!.title, /, narrow$/);
    assert.deepEqual(cellBeside(parseCell(name), wide), parseCell(name));
  }
  assert.deepEqual(cellBeside(parseCell("jpeg"), preset), parseCell("jpeg"));
  assert.deepEqual(cellBeside(parseCell("full"), preset), parseCell("full"));
});

Deno.test("a finetuning has O's training, at a lower rate", () => {
  const made = (name: string) =>
    applyOverrides(preset, overridesOf(cellBeside(parseCell(name), preset)), classification)
      .target.train;
  assert.equal(made("trades-finetuned").schedule.peak, 0.01);
  assert.deepEqual(made("trades-finetuned").adversarial, made("trades").adversarial);
  assert.equal(made("none-finetuned").epochs, preset.target.train.epochs);
});
