import classification from "@realign/classification";
import segmentation from "@realign/segmentation";
import type { Preset } from "@realign/core";
import assert from "node:assert/strict";
import { duration } from "../commands/budget.ts";
import { resolvePreset } from "../commands/open_run.ts";
import { runHere } from "../testing.ts";
import { withChosenSuite, withSuiteMarked } from "./choose_suite.ts";
import { splitOverrides } from "./overrides.ts";

const shapes = classification.presets["cls-shapes"];
const work = { backend: "auto", device: "auto", threads: 0, runs: "runs", cache: "off" } as const;

Deno.test("withChosenSuite adds the plugin's attacks, and refuses unknown suites and their name as a setting", () => {
  assert.equal(withChosenSuite(shapes, classification, {}), shapes);
  const { evaluation } = withChosenSuite(shapes, classification, { suite: "standard" });
  assert.deepEqual(evaluation.threatModels.whitebox.attacks.autoattack, {
    name: "autoattack",
    version: "standard",
    epsilon: 0.031,
  });
  assert.throws(
    () => withChosenSuite(shapes, classification, { suite: "standart" }),
    /^UsageError: Cannot evaluate as the suite "standart" is unknown: did you mean "standard"\? \(--suite standart\)/,
  );
  const { overrides } = splitOverrides(["--evaluation.suite=strong"]);
  assert.throws(
    () => withChosenSuite(shapes, classification, {}, overrides),
    /Cannot set evaluation\.suite .*--suite/,
  );
});

Deno.test("a suite whose attacks were changed says so", () => {
  const { overrides } = splitOverrides(["--evaluation.examples=8"]);
  const { evaluation } = withChosenSuite(shapes, classification, { suite: "standard" });
  assert.equal(withSuiteMarked(evaluation, undefined, overrides).suite, "standard");
  assert.equal(withSuiteMarked(evaluation, "pgd", overrides).suite, "standard (changed)");
  const weaker = splitOverrides(["--evaluation.threatModels.whitebox.attacks.pgd-20.steps=1"]);
  assert.equal(
    withSuiteMarked(shapes.evaluation, undefined, weaker.overrides).suite,
    "paper (changed)",
  );
});

Deno.test("settings reach the attacks of a suite, for a target alone too", async () => {
  const args = ["--evaluation.threatModels.whitebox.attacks.cospgd-100.steps=3"];
  const { overrides } = splitOverrides(args);
  const options = { ...work, suite: "standard" };
  const { preset } = await resolvePreset("seg-shapes", options, { overrides });
  const { threatModels } = preset.evaluation;
  assert.equal(threatModels.whitebox.attacks["cospgd-100"].steps, 3);
  assert.equal(threatModels.whitebox.attacks["segpgd-100"].steps, 100);
  await assert.rejects(resolvePreset("seg-shapes", work, { overrides }), /cospgd-100/);
});

Deno.test("presets prints a suite's settings, which are plain data", async () => {
  const { code, out } = await runHere(["presets", "seg-shapes", "--suite", "strong"]);
  assert.equal(code, 0);
  const { evaluation } = JSON.parse(out) as Preset;
  const expected = withChosenSuite(segmentation.presets["seg-shapes"], segmentation, {
    suite: "strong",
  });
  assert.deepEqual(evaluation, JSON.parse(JSON.stringify(expected.evaluation)));
  assert.equal(evaluation.suite, "strong");
});

Deno.test("duration reads seconds, minutes and hours", () => {
  assert.deepEqual(["90s", "30m", "2h", "1.5m"].map(duration), [90, 1800, 7200, 90]);
  for (const text of ["", "30", "m", "-1s", "0s", "30 m", "9999999h"]) {
    assert.throws(() => duration(text), /It must be a time such as 90s, 30m or 2h/, text);
  }
});
