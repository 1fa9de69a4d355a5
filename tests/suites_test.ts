/**
 * Suites against the attacks that there are: of every plugin, on every preset.
 */
import type { Plugin, Preset } from "@realign/core";
import { checkEvaluation, withSuite } from "@realign/core";
import { attacks, type AttackSettings, resolveSettings } from "@realign/core/attacks";
import classification from "@realign/classification";
import detection from "@realign/detection";
import segmentation from "@realign/segmentation";
import assert from "node:assert/strict";

const plugins: readonly Plugin[] = [classification, segmentation, detection];

/** All attacks of an evaluation, curves included. */
const attacksIn = ({ threatModels, curves = {} }: Preset["evaluation"]): AttackSettings[] =>
  [threatModels, curves].flatMap((models) =>
    Object.values(models).flatMap(({ attacks }) => Object.values(attacks))
  );

/** Every evaluation of every suite, with its plugin. */
const evaluations = plugins.flatMap((plugin) =>
  Object.values(plugin.presets).flatMap(({ evaluation }) =>
    Object.keys(plugin.suites!).map((suite) => ({
      plugin,
      evaluation: withSuite(evaluation, suite, plugin.suites),
    }))
  )
);

Deno.test("every task has a standard and a strong suite, for all of its presets", () => {
  for (const { name, suites = {} } of plugins) {
    assert.deepEqual(Object.keys(suites), ["standard", "strong"], name);
  }
  for (const { evaluation } of evaluations) checkEvaluation(evaluation);
});

Deno.test("every attack of a suite is in its plugin's table, with options that it has", () => {
  const missing = new Set<string>();
  for (const { plugin, evaluation } of evaluations) {
    const table = { ...attacks, ...plugin.attacks };
    for (const settings of attacksIn(evaluation)) {
      if (Object.hasOwn(table, settings.name)) resolveSettings(settings, table[settings.name]);
      else missing.add(settings.name);
    }
  }
  assert.deepEqual([...missing].sort(), []);
});
