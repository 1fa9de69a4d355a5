import { type AnyTask, createRandom, measureWeights } from "@realign/core";
import { useTestBackend } from "@realign/core/testing";
import { createClassification } from "@realign/classification";
import assert from "node:assert/strict";
import { samplePreset } from "../testing.ts";
import { assertMemory } from "./memory.ts";

const task: AnyTask = createClassification(["a", "b"], [16, 16]);

Deno.test("measureWeights() counts what is then made", async () => {
  await useTestBackend();
  const build = () => task.createTarget("wrn-10-1", createRandom(1));
  using made = build();
  const numbers = [...(await made.parameters.export()).values()].map(({ data }) => data.length);
  assert.equal(measureWeights(build), 4 * numbers.reduce((sum, count) => sum + count, 0));
});

Deno.test("assertMemory() refuses networks that do not fit, at once", async () => {
  await useTestBackend();
  assertMemory(samplePreset, task, true, 2 ** 30);
  const begun = performance.now();
  const wide = { ...samplePreset, generator: { ...samplePreset.generator, width: 1_000_000 } };
  assert.throws(
    () => assertMemory(wide, task, true, 2 ** 34),
    /^RangeError: Cannot build .* take 1\.5 PiB \(target .*, generator .* PiB, .*\) of 16\.0 GiB: lower generator\.width$/,
  );
  const target = { ...samplePreset.target, architecture: "wrn-16-100000" };
  assert.throws(
    () => assertMemory({ ...samplePreset, target }, task, false, 2 ** 34),
    /lower target\.architecture$/,
  );
  const substitutes = { wide: { architecture: "wrn-16-100000", weights: "" } };
  const transfer = { attacks: { pgd: samplePreset.attack } };
  const evaluation = { ...samplePreset.evaluation, substitutes, threatModels: { transfer } };
  const message = /substitutes .* of 16\.0 GiB: lower evaluation\.substitutes$/;
  const measured = { ...samplePreset, evaluation };
  assert.throws(() => assertMemory(measured, task, false, 2 ** 34), message);
  assertMemory(
    { ...measured, evaluation: { ...evaluation, threatModels: {} } },
    task,
    false,
    2 ** 34,
  );
  assert.ok(performance.now() - begun < 2000);
});
