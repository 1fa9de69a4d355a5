import { type AnyTask, createRandom, measureWeights } from "@realign/core";
import { useTestBackend } from "@realign/core/testing";
import { createClassification } from "@realign/classification";
import assert from "node:assert/strict";
import { samplePreset } from "../testing.ts";
import { assertBatches, assertMemory } from "./memory.ts";

const task: AnyTask = createClassification(["a", "b"], [16, 16]);
const createTask = () => task;

Deno.test("measureWeights() counts what is then made", async () => {
  await useTestBackend();
  const build = () => task.createTarget("wrn-10-1", createRandom(1));
  using made = build();
  const numbers = [...(await made.parameters.export()).values()].map(({ data }) => data.length);
  assert.equal(measureWeights(build), 4 * numbers.reduce((sum, count) => sum + count, 0));
});

Deno.test("assertMemory() refuses networks that do not fit, at once", async () => {
  await useTestBackend();
  assertMemory(samplePreset, createTask, true, 2 ** 30);
  const begun = performance.now();
  const wide = { ...samplePreset, generator: { ...samplePreset.generator, width: 1_000_000 } };
  assert.throws(
    () => assertMemory(wide, createTask, true, 2 ** 34),
    /^RangeError: Cannot build .* take 1\.5 PiB \(target .*, generator .* PiB, .*\) of 16\.0 GiB: lower generator\.width$/,
  );
  const target = { ...samplePreset.target, architecture: "wrn-16-100000" };
  assert.throws(
    () => assertMemory({ ...samplePreset, target }, createTask, false, 2 ** 34),
    /lower target\.architecture$/,
  );
  const substitutes = { wide: { architecture: "wrn-16-100000", weights: "" } };
  const transfer = { attacks: { pgd: samplePreset.attack } };
  const evaluation = { ...samplePreset.evaluation, substitutes, threatModels: { transfer } };
  const message = /substitutes .* of 16\.0 GiB: lower evaluation\.substitutes$/;
  const measured = { ...samplePreset, evaluation };
  assert.throws(() => assertMemory(measured, createTask, false, 2 ** 34), message);
  assertMemory(
    { ...measured, evaluation: { ...evaluation, threatModels: {} } },
    createTask,
    false,
    2 ** 34,
  );
  assert.ok(performance.now() - begun < 2000);
});

Deno.test("assertBatches() refuses batches whose images alone do not fit, with their bytes", () => {
  const change = (change: Partial<typeof samplePreset>) => ({ ...samplePreset, ...change });
  assertBatches(samplePreset, true, 16, 2 ** 30);
  const { train, target, evaluation } = samplePreset;
  const wide = change({ train: { ...train, batchSize: 2 ** 20 } });
  // Two images of 16 x 16 pixels: 3 channels thrice, for O and G, and 4 maps of G and of Φ each.
  const bytes = 2 * 2 ** 20 * 256 * (3 + 3 + 3 + 4 + 4) * 4 / 2 ** 30;
  assert.throws(
    () => assertBatches(wide, true, 16, 2 ** 34),
    new RegExp(`take at least ${bytes.toFixed(1)} GiB of 16\\.0 GiB: lower train\\.batchSize, `),
  );
  assertBatches(wide, false, 16, 2 ** 34);
  const accumulate = { ...train, batchSize: 2 ** 20, accumulate: 2 ** 10 };
  assertBatches(change({ train: accumulate }), true, 16, 2 ** 34);
  const own = { ...target, train: { ...target.train, batchSize: 2 ** 22 } };
  assert.throws(
    () => assertBatches(change({ target: own }), true, 16, 2 ** 34),
    /lower target\.train\.batchSize/,
  );
  assertBatches(change({ target: { ...own, weights: "o.safetensors" } }), true, 16, 2 ** 34);
  const measured = change({ evaluation: { ...evaluation, batchSize: 2 ** 24 } });
  assertBatches(measured, false, 16, 2 ** 34);
  assert.throws(
    () => assertBatches(measured, false, 2 ** 24, 2 ** 34),
    /lower evaluation\.batchSize/,
  );
});
