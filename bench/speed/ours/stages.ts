/**
 * Stages of a run that have no counterpart among the peers.
 *
 * @module
 */
import {
  AttackCache,
  createEvaluationBatches,
  createGeneratorMethod,
  createTrainingBatches,
  formatSafetensors,
  freshSource,
  noStorage,
  Trainer,
  victimOf,
} from "@realign/core";
import { createAttack } from "@realign/core/attacks";
import * as tf from "@realign/core/tf";
import { join } from "node:path";
import { writeSafely } from "../../../cli/system/safe_file.ts";
import { poolDataset } from "./pool.ts";
import type { Problem } from "./problem.ts";
import { computed, type Work } from "./work.ts";

/** A training batch from pictures in memory: random flips and crops, then to the device. */
export async function createReading({ preset, task, ...problem }: Problem): Promise<Work> {
  const { batchSize, augmentation } = preset.train;
  const dataset = await poolDataset({ preset, task, ...problem });
  let start = 0;
  return async () => {
    const batches = createTrainingBatches(dataset, task, {
      batchSize,
      seed: preset.seed,
      start,
      end: ++start,
      augmentation: task.augmentations[augmentation],
    });
    for await (const { images, labels } of batches) tf.dispose([images, labels]);
  };
}

/** Adversarial images and features of a batch from a cache. */
export async function createLookUp(problem: Problem): Promise<Work> {
  const { preset, task, target } = problem;
  const { batchSize } = preset.train;
  const pool = await poolDataset(problem);
  const attack = createAttack({ ...preset.attack, steps: 1 }, victimOf(problem), task.attacks);
  const { length, size } = pool;
  const cache = new AttackCache({ task, target, attack, length, size, passes: 1, seed: 1 });
  const batches = () => createEvaluationBatches(pool, task, { batchSize });
  for await (const _ of cache.fill(batches, noStorage));
  const { value: batch } = await batches().next();
  if (!batch) throw new RangeError("Cannot look up a batch as the pool is empty");
  return async () => {
    const found = await cache.lookUp(batch);
    await computed(found.adversarial);
    tf.dispose([found.adversarial, found.cleanFeatures ?? []]);
  };
}

/** All that a checkpoint holds, read from the device, written aside, flushed and renamed. */
export async function createCheckpointing(problem: Problem): Promise<Work> {
  const { preset, task, target, perceptual } = problem;
  const attack = createAttack(preset.attack, victimOf(problem), task.attacks);
  const adversaries = freshSource(attack, preset.seed);
  const method = createGeneratorMethod({ preset, task, target, perceptual, adversaries });
  const trainer = new Trainer(method, { stepsPerEpoch: 1, totalSteps: 1 });
  const folder = await Deno.makeTempDir();
  return async () =>
    await writeSafely(join(folder, "checkpoint"), formatSafetensors(await trainer.export(), {}));
}
