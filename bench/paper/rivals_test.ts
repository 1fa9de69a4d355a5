import type { Preset } from "@realign/core";
import { createRestorer, recipes } from "@realign/core/recipes";
import { useTestBackend } from "@realign/core/testing";
import { resolveDefense } from "@realign/core/defenses";
import classification from "@realign/classification";
import assert from "node:assert/strict";
import { applyOverrides } from "../../cli/presets/overrides.ts";
import { cellBeside, overridesOf, parseCell } from "./cells.ts";
import { RIVALS } from "./rivals.ts";

await useTestBackend();
const { presets, publishedRivals } = classification;
const preset = presets["cls-cifar10-small"];

Deno.test("every rival is in the table that it names, and has its row in the paper's tables", () => {
  const printed = publishedRivals!(preset, "own")!.figures;
  for (const [name, rival] of Object.entries(RIVALS)) {
    if (rival.paper !== undefined) assert.ok(rival.paper in printed, `${name}: ${rival.paper}`);
    if (rival.by === "transformation") {
      for (const one of rival.defenses) resolveDefense(one);
      continue;
    }
    const made = applyOverrides(preset, overridesOf(parseCell(name)), classification);
    if (rival.by === "recipe") assert.ok(made.recipe!.name in recipes, name);
    else assert.equal(name === "none-finetuned", made.target.train.adversarial === undefined);
  }
  const titles = Object.values(RIVALS).map((rival) =>
    rival.by === "transformation" ? rival.title : rival.change.title
  );
  assert.equal(new Set(titles).size, titles.length);
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
    applyOverrides(preset, overridesOf(parseCell(name)), classification).target.train;
  assert.equal(made("trades-finetuned").schedule.peak, 0.01);
  assert.deepEqual(made("trades-finetuned").adversarial, made("trades").adversarial);
  assert.equal(made("none-finetuned").epochs, preset.target.train.epochs);
});
