/**
 * Algorithm 1 end to end as Realign runs it: adversarial images are made once a pass and kept.
 *
 * @module
 */
import type { ClassifierOutput } from "@realign/classification";
import {
  type AdversarialSource,
  AttackCache,
  createEvaluationBatches,
  createGeneratorMethod,
  createTrainingBatches,
  noStorage,
  Trainer,
  victimOf,
} from "@realign/core";
import { createAttack } from "@realign/core/attacks";
import type * as tf from "@realign/core/tf";
import { subset } from "@realign/datasets";
import { poolDataset } from "./pool.ts";
import type { Problem } from "./problem.ts";
import type { Work } from "./work.ts";

type Labels = tf.Tensor1D;

/**
 * Trains G for some epochs over the pool, from empty caches: as many passes as the preset keeps are
 * attacked, then every step looks its adversarial images up.
 *
 * @param problem The networks, whose weights it moves, and the pool
 * @param epochs Passes over the pool
 * @returns The work; its first two calls warm up on one batch
 */
export async function createAlgorithm(problem: Problem, epochs: number): Promise<Work> {
  const { preset, task, target, perceptual } = problem;
  const { attackCache: passes, batchSize, augmentation } = preset.train;
  const whole = await poolDataset(problem);
  const attack = createAttack(preset.attack, victimOf(problem), task.attacks);
  let cache: AttackCache<ClassifierOutput, Labels> | undefined;
  // A training has one cache from its beginning on; here every call has an empty one.
  const adversaries: AdversarialSource<Labels> = {
    passes,
    next: (batch) => cache!.lookUp(batch),
    [Symbol.dispose]() {},
  };
  const trainer = new Trainer(
    createGeneratorMethod({ preset, task, target, perceptual, adversaries }),
    {
      stepsPerEpoch: Math.floor(whole.length / batchSize),
      totalSteps: Number.MAX_SAFE_INTEGER,
    },
  );
  let calls = 0;
  return async () => {
    const warm = calls++ < 2;
    const pool = warm ? subset(whole, batchSize) : whole;
    const end = warm ? 1 : epochs * Math.floor(pool.length / batchSize);
    const { length, size } = pool;
    const changes = { augmentation: task.augmentations[augmentation], seed: preset.seed };
    cache = new AttackCache({ task, target, attack, length, size, passes, seed: preset.seed });
    const inOrder = (pass: number, start: number) =>
      createEvaluationBatches(pool, task, { batchSize, start, changes: { ...changes, pass } });
    for await (const _ of cache.fill(inOrder, noStorage));
    const batches = createTrainingBatches(pool, task, {
      batchSize,
      start: 0,
      end,
      passes,
      ...changes,
    });
    for await (const _ of trainer.run(batches));
    cache[Symbol.dispose]();
  };
}
