import { recipes } from "@realign/core/recipes";
import { resolveDefense } from "@realign/core/defenses";
import classification from "@realign/classification";
import assert from "node:assert/strict";
import { applyOverrides } from "../../cli/presets/overrides.ts";
import { overridesOf, parseCell } from "./cells.ts";
import { RIVALS } from "./rivals.ts";

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

Deno.test("a finetuning has O's training, at a lower rate", () => {
  const made = (name: string) =>
    applyOverrides(preset, overridesOf(parseCell(name)), classification).target.train;
  assert.equal(made("trades-finetuned").schedule.peak, 0.01);
  assert.deepEqual(made("trades-finetuned").adversarial, made("trades").adversarial);
  assert.equal(made("none-finetuned").epochs, preset.target.train.epochs);
});
