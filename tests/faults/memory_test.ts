/**
 * Memory over a long training: neither tensors nor the process grow.
 */
import {
  cachedSource,
  createGeneratorMethod,
  createPerceptual,
  createRandom,
  createTrainingAttack,
  fillTrainingCache,
  noStorage,
  Trainer,
} from "@realign/core";
import { useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import {
  createToyDataset,
  createToyTask,
  toyPreset,
  toyTrainingBatches,
} from "../../core/testing/toy_task.ts";
import { type Held, measureHeld } from "../../bench/soak/process_memory.ts";
import { STEPS } from "./counts.ts";

/** What may be taken more at the end than after a fifth of the steps. */
const MEBIBYTES = 8;

Deno.test(`memory is flat over ${STEPS} steps`, async () => {
  await useTestBackend();
  const task = createToyTask();
  const dataset = createToyDataset(18);
  using target = task.createTarget("toy-net", createRandom(1));
  const source = { preset: toyPreset, task, target, dataset };
  using attack = createTrainingAttack(source);
  using cache = await fillTrainingCache({ ...source, attack }, noStorage);
  using perceptual = createPerceptual(toyPreset.perceptual, createRandom(1));
  const adversaries = cachedSource(cache);
  const method = createGeneratorMethod({ ...source, perceptual, adversaries });
  using trainer = new Trainer(method, { stepsPerEpoch: 3, totalSteps: STEPS });
  const sizes: Held[] = [];
  let tensors = 0;
  const batches = toyTrainingBatches(dataset, 0, STEPS, toyPreset.train.attackCache);
  for await (const { step } of trainer.run(batches)) {
    if (step === 100) tensors = tf.memory().numTensors;
    if (step % 100 === 99) sizes.push(await measureHeld());
  }
  assert.equal(trainer.step, STEPS);
  assert.ok(tf.memory().numTensors <= tensors, `${tf.memory().numTensors - tensors} tensors more`);
  const share = sizes.length / 5;
  for (const kind of ["native", "heap"] as const) {
    const all = sizes.map((size) => size[kind]);
    const early = Math.max(...all.slice(0, share));
    const late = Math.min(...all.slice(-share));
    assert.ok(late < early + MEBIBYTES, `${kind} MiB, by 100 steps: ${all.map(Math.round)}`);
  }
});
