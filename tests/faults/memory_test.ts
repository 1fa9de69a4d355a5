/**
 * Memory over a long training: neither tensors nor the process grow.
 */
import { createRandom, createTrainingAttack, GeneratorTrainer } from "@realign/core";
import { createPerceptual, fillTrainingCache, noStorage } from "@realign/core";
import { useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import {
  createToyDataset,
  createToyTask,
  toyPreset,
  toyTrainingBatches,
} from "../../core/toy_task.ts";
import { STEPS } from "./counts.ts";

/** What the process may take more at the end than after a fifth of the steps. */
const MEBIBYTES = 24;

Deno.test(`memory is flat over ${STEPS} steps`, async () => {
  await useTestBackend();
  const task = createToyTask();
  const dataset = createToyDataset(18);
  using target = task.createTarget("toy-net", createRandom(1));
  const source = { preset: toyPreset, task, target, dataset };
  using attack = createTrainingAttack(source);
  using cache = await fillTrainingCache({ ...source, attack }, noStorage);
  using perceptual = createPerceptual(toyPreset.perceptual, createRandom(1));
  const parts = { preset: toyPreset, task, target, perceptual, adversaries: cache };
  using trainer = new GeneratorTrainer({ ...parts, stepsPerEpoch: 3, totalSteps: STEPS });
  const sizes: number[] = [];
  let tensors = 0;
  const batches = toyTrainingBatches(dataset, 0, STEPS, toyPreset.train.attackCache);
  for await (const { step } of trainer.run(batches)) {
    if (step === 100) tensors = tf.memory().numTensors;
    if (step % 100 === 99) sizes.push(Deno.memoryUsage().rss / 2 ** 20);
  }
  assert.equal(trainer.step, STEPS);
  assert.ok(tf.memory().numTensors <= tensors, `${tf.memory().numTensors - tensors} tensors more`);
  const early = Math.max(...sizes.slice(0, sizes.length / 5));
  const late = Math.min(...sizes.slice(-sizes.length / 5));
  assert.ok(late < early + MEBIBYTES, `MiB by hundreds of steps: ${sizes.map(Math.round)}`);
});
