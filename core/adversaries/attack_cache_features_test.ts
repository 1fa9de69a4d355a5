import assert from "node:assert/strict";
import { AttackCache } from "./attack_cache.ts";
import type { CacheStorage } from "./cache_storage.ts";
import { createAttack } from "../attacks/mod.ts";
import { createEvaluationBatches } from "../batches/mod.ts";
import { victimOf } from "../evaluate/victim.ts";
import { createRandom } from "../random.ts";
import { assertClose, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import {
  createToyDataset,
  createToyTask,
  type ToyOutput,
  toyPreset,
  toyTrainingBatches,
} from "../testing/toy_task.ts";

await useTestBackend();

const length = 20;
const task = createToyTask();
const dataset = createToyDataset(length);

/** A task with three vectors an example. */
const dense = {
  ...task,
  extractFeatures({ features }: ToyOutput, labels: tf.Tensor1D) {
    const rows = tf.stack([features, tf.neg(features), tf.mul(features, 2)], 1);
    return {
      vectors: tf.reshape(rows, [-1, features.shape[1]]) as tf.Tensor2D,
      classes: tf.tile(labels, [3]),
    };
  },
};

Deno.test("AttackCache keeps the features of tasks that have several vectors an example", async () => {
  using target = task.createTarget("toy-net", createRandom(1, "target"));
  using attack = createAttack(
    { name: "pgd", epsilon: 0.031, steps: 1 },
    victimOf({ task, target }),
  );
  const files = new Map<string, Uint8Array>();
  const storage: CacheStorage = {
    read: (name) => Promise.resolve(files.get(name)),
    write: (name, bytes) => Promise.resolve(void files.set(name, bytes)),
  };
  const { seed } = toyPreset;
  const batchesOf = (pass: number, start: number) =>
    createEvaluationBatches(dataset, task, {
      batchSize: 6,
      start,
      changes: { augmentation: task.augmentations.flip, seed, pass },
    });
  const source = { task: dense, target, attack, length, size: [8, 8] as const, passes: 2, seed };
  using made = new AttackCache<ToyOutput, tf.Tensor1D>(source);
  using read = new AttackCache<ToyOutput, tf.Tensor1D>(source);
  for (const cache of [made, read]) {
    for await (const _ of cache.fill(batchesOf, storage, 2));
  }
  for await (const batch of toyTrainingBatches(dataset, 1, 4, 2)) {
    const expected = tf.tidy(() =>
      dense.extractFeatures(target.forward(batch.images), batch.labels).vectors
    );
    for (const cache of [made, read]) {
      const { cleanFeatures } = await cache.lookUp(batch);
      assert.deepEqual(cleanFeatures!.shape, expected.shape);
      assertClose(cleanFeatures!, expected, 1e-5);
    }
  }
});
