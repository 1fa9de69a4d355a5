import assert from "node:assert/strict";
import { samplePreset } from "../testing.ts";
import { applyOverrides, splitOverrides } from "./overrides.ts";
import { printChanges } from "./print_preset.ts";

Deno.test("printChanges() writes what differs from the preset, and no more", () => {
  assert.equal(printChanges(samplePreset, samplePreset), "preset cls-sample");
  const { jpeg: _, ...systems } = samplePreset.evaluation.systems;
  const changed = {
    ...samplePreset,
    seed: 3,
    train: { ...samplePreset.train, batchSize: 64, accumulate: 2 },
    evaluation: { ...samplePreset.evaluation, systems },
  };
  const text = printChanges(changed, samplePreset);
  assert.equal(
    text.replaceAll(/\s+/g, " "),
    "preset cls-sample with seed=3 (1) train.batchSize=64 (8) train.accumulate=2 (not set) " +
      "no evaluation.systems.jpeg",
  );
});

Deno.test("printChanges() writes all settings of a preset that the plugin has no more", () => {
  assert.match(printChanges(samplePreset, undefined), /^train +batchSize=8/m);
});

Deno.test("printChanges() names what an attack of another name has no more", () => {
  const { overrides } = splitOverrides(["--attack.name=fgsm"]);
  const text = printChanges(applyOverrides(samplePreset, overrides), samplePreset);
  assert.equal(
    text,
    "preset cls-sample with  attack.name=fgsm (pgd)  no attack.stepSize  no attack.steps",
  );
});
