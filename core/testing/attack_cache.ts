/**
 * A cache of the toy's adversarial images, for tests.
 *
 * @module
 */
import assert from "node:assert/strict";
import { AttackCache, type CacheSource } from "../adversaries/attack_cache.ts";
import { type CacheStorage, noStorage } from "../adversaries/cache_storage.ts";
import { createAttack } from "../attacks/mod.ts";
import type { Attack } from "../attacks/attack.ts";
import type { AttackSettings } from "../preset.ts";
import { createEvaluationBatches } from "../batches/mod.ts";
import { victimOf } from "../evaluate/victim.ts";
import { createRandom } from "../random.ts";
import { useTestBackend } from "./mod.ts";
import type * as tf from "../tf.ts";
import { createToyDataset, createToyTask, type ToyOutput, toyPreset } from "./toy_task.ts";

await useTestBackend();

export const LENGTH = 20;
export const EPSILON = 0.031;
const BATCH = 6;
export const task = createToyTask();
export const dataset = createToyDataset(LENGTH);
export const target = task.createTarget("toy-net", createRandom(1, "target"));
export const { seed } = toyPreset;

/** Batches of a pass as the attack stage makes them. */
export const batchesOf = (pass: number, start: number) =>
  createEvaluationBatches(dataset, task, {
    batchSize: BATCH,
    start,
    changes: { augmentation: task.augmentations.flip, seed, pass },
  });

/** A cache of PGD; `calls` counts attacked batches. */
export function createCache(
  changes: Partial<CacheSource<ToyOutput, tf.Tensor1D>> = {},
  settings: Partial<AttackSettings> = {},
) {
  const attack = createAttack(
    { name: "pgd", epsilon: EPSILON, steps: 2, ...settings },
    victimOf({ task, target }),
  );
  const counter = { calls: 0 };
  const counted: Attack<tf.Tensor1D> = {
    ...attack,
    perturb: (...args) => (counter.calls++, attack.perturb(...args)),
  };
  const size = [8, 8] as const;
  const source = { task, target, attack: counted, length: LENGTH, size, passes: 2, seed };
  const cache = new AttackCache<ToyOutput, tf.Tensor1D>({ ...source, ...changes });
  return {
    cache,
    counter,
    attack,
    [Symbol.dispose]() {
      cache[Symbol.dispose]();
      attack[Symbol.dispose]();
    },
  };
}

/** A storage in memory that says what was asked of it. */
export function createStorage(): CacheStorage & {
  files: Map<string, Uint8Array>;
  written: string[];
} {
  const files = new Map<string, Uint8Array>();
  const written: string[] = [];
  return {
    files,
    written,
    read: (name) => Promise.resolve(files.get(name)),
    write: (name, bytes) => {
      files.set(name, bytes);
      written.push(name);
      return Promise.resolve();
    },
    remove: (name) => Promise.resolve(void files.delete(name)),
  };
}

export async function fill(
  { cache }: { cache: AttackCache<ToyOutput, tf.Tensor1D> },
  storage: CacheStorage = noStorage,
): Promise<number[]> {
  const done: number[] = [];
  for await (const progress of cache.fill(batchesOf, storage, 2)) {
    assert.equal(progress.total, 2 * LENGTH);
    done.push(progress.done);
  }
  return done;
}
