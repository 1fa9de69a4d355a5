/**
 * The adversarial images that a preset trains G on: against O alone, cached or generated in every step, or through
 * the G in training.
 *
 * @module
 */
import { AttackCache, type CacheProgress } from "../adversaries/attack_cache.ts";
import type { CacheStorage } from "../adversaries/cache_storage.ts";
import { type AdversarialSource, cachedSource, freshSource } from "../adversaries/source.ts";
import type { Attack } from "../attacks/attack.ts";
import { createAttack, exactVictim, stoppableVictim } from "../attacks/mod.ts";
import { createEvaluationBatches } from "../batches/mod.ts";
import { generatorDefense } from "../defenses/generator.ts";
import { extractorOf, resolveLosses } from "../losses/mod.ts";
import type { Generator } from "../networks/generator.ts";
import { pause } from "../pause.ts";
import type { GeneratorTraining, Preset } from "../preset.ts";
import type * as tf from "../tf.ts";
import { augmentationOf, type TrainingSource } from "./training_source.ts";

/** Approximate size of a part of an attack cache, small enough to be read quickly. */
const PART_BYTES = 16 * 2 ** 20;

/** What an attack needs. */
type AttackSource<O extends tf.TensorContainer, L extends tf.TensorContainer, A> = Omit<
  TrainingSource<O, L, A>,
  "dataset"
>;

/**
 * The attacker that G is trained against.
 *
 * @param training Its `attacker` and `attackCache`
 * @returns "oblivious" by default
 * @throws {RangeError} If images that change with G are to be cached
 *
 * @example Usage
 * ```ts
 * import { attackerOf } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * assert.equal(attackerOf({ attackCache: 2 }), "oblivious");
 * assert.equal(attackerOf({ attacker: "whitebox", attackCache: 0 }), "whitebox");
 * assert.throws(() => attackerOf({ attacker: "whitebox", attackCache: 2 }), RangeError);
 * ```
 */
export function attackerOf(
  { attacker = "oblivious", attackCache }: Pick<GeneratorTraining, "attacker" | "attackCache">,
): "oblivious" | "whitebox" {
  if (attacker === "oblivious" || attackCache === 0) return attacker;
  throw new RangeError(
    `Cannot cache adversarial images made through G as they change while G is trained: train.attackCache must be 0 with train.attacker "whitebox": current value is ${attackCache}`,
  );
}

/** The attack that G is trained against, on O alone. */
export function createTrainingAttack<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
>({ preset, task, target, signal }: AttackSource<O, L, A>): Attack<L> {
  const victim = stoppableVictim(exactVictim({ task, target }), signal);
  return createAttack(preset.attack, victim, task.attacks);
}

/**
 * The source of images generated in every step through the G in training.
 *
 * @param source O with its weights, the preset
 * @returns From G to the source
 */
export function throughGenerator<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
>(
  { preset, task, target, signal }: AttackSource<O, L, A>,
): (generator: Generator) => AdversarialSource<L> {
  return (generator) => {
    const defense = generatorDefense(generator);
    const victim = stoppableVictim(exactVictim({ task, target, defense }), signal);
    return freshSource(createAttack(preset.attack, victim, task.attacks), preset.seed);
  };
}

/**
 * The source of images against O alone: cached if the preset says so, else generated in every step.
 *
 * @param source O with its weights, the data, the preset
 * @param fill Creates and fills the cache of an attack
 * @returns The source; dispose it
 */
export async function onTargetAlone<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
>(
  source: TrainingSource<O, L, A>,
  fill: (attack: Attack<L>) => Promise<AttackCache<O, L>>,
): Promise<AdversarialSource<L>> {
  const { preset: { train, seed } } = source;
  if (train.attackCache === 0) return freshSource(createTrainingAttack(source), seed);
  using attack = createTrainingAttack(source);
  return cachedSource(await fill(attack));
}

/**
 * The z^c that a preset's cache of adversarial images may store.
 *
 * @param preset Losses and sizes
 * @returns Their name; undefined for z^c of images that G's size blurs, which each step computes by itself
 *
 * @example Usage
 * ```ts
 * import { storedFeatures } from "@realign/core";
 * import { toyPreset as preset } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(storedFeatures(preset), "penultimate");
 * const losses = { ...preset.losses, cleanFeatures: "round-trip" } as const;
 * assert.equal(storedFeatures({ ...preset, losses }), "penultimate");
 * const generator = { ...preset.generator, size: [16, 16] } as const;
 * assert.equal(storedFeatures({ ...preset, losses, generator }), undefined);
 * ```
 */
export function storedFeatures(
  { losses, dataset, generator }: Pick<Preset, "losses" | "dataset" | "generator">,
): string | undefined {
  const { features, cleanFeatures } = resolveLosses(losses);
  const blurred = cleanFeatures === "round-trip" && dataset.size.join() !== generator.size.join();
  return blurred ? undefined : features;
}

/**
 * Fills a preset's cache of adversarial images.
 *
 * @param source O with its weights, the data, the preset; the attack
 * @param storage Stores finished parts
 * @param progress Called after every batch generated or read
 * @returns The cache, complete; dispose it
 */
export async function fillTrainingCache<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
>(
  source: TrainingSource<O, L, A> & { readonly attack: Attack<L> },
  storage: CacheStorage,
  progress: (progress: CacheProgress) => void = () => {},
): Promise<AttackCache<O, L>> {
  const { preset, task, target, dataset, attack } = source;
  const { seed, train } = preset;
  const { attackCache: passes, batchSize } = train;
  const augmentation = augmentationOf(task, train.augmentation);
  const { length, size } = dataset;
  const cache = new AttackCache({
    task: { extractFeatures: extractorOf(task, resolveLosses(preset.losses)) },
    keepsFeatures: storedFeatures(preset) !== undefined,
    target,
    attack,
    length,
    size,
    passes,
    seed,
  });
  const batches = (pass: number, start: number) =>
    createEvaluationBatches(dataset, task, {
      batchSize,
      start,
      changes: { augmentation, seed, pass },
    });
  try {
    const batchBytes = batchSize * size[0] * size[1] * 3;
    const perPart = Math.min(64, Math.max(1, Math.floor(PART_BYTES / batchBytes)));
    for await (const done of cache.fill(batches, storage, perPart)) {
      progress(done);
      await pause(source.signal);
    }
    return cache;
  } catch (error) {
    cache[Symbol.dispose]();
    throw error;
  }
}
