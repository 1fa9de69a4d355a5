/**
 * The adversarial images that a preset trains G on: against O alone, cached or generated in every step, or through
 * the G in training.
 *
 * @module
 */
import { AttackCache } from "../adversaries/attack_cache.ts";
import { fillShare } from "../adversaries/cache_share.ts";
import type { CacheStorage } from "../adversaries/cache_storage.ts";
import type { CacheProgress, CacheSource } from "../adversaries/part_maker.ts";
import { atShare, rampedSource } from "../adversaries/ramped.ts";
import { type AdversarialSource, alternatingSource } from "../adversaries/source.ts";
import type { Attack } from "../attacks/attack.ts";
import { createAttack, exactVictim, stoppableVictim } from "../attacks/mod.ts";
import { createEvaluationBatches } from "../batches/mod.ts";
import type { Defense } from "../defenses/defense.ts";
import type { RestoringGenerator } from "../defenses/definition.ts";
import { generatorDefense } from "../defenses/generator.ts";
import { extractorOf, resolveLosses } from "../losses/mod.ts";
import { pause } from "../pause.ts";
import type { AttackSettings, GeneratorTraining, Preset } from "../preset.ts";
import type { PerceptualNetwork } from "../networks/perceptual.ts";
import { perceptualVictim } from "../adversaries/perceptual_victim.ts";
import { attackedBy } from "../recipes/table.ts";
import type { Share } from "../share.ts";
import type * as tf from "../tf.ts";
import { augmentationOf, countSteps, type TrainingSource } from "./training_source.ts";

/** Approximate size of a part of an attack cache, small enough to be read quickly. */
const PART_BYTES = 16 * 2 ** 20;

/** What an attack needs. */
type AttackSource<O extends tf.TensorContainer, L extends tf.TensorContainer, A> =
  & Omit<TrainingSource<O, L, A>, "dataset">
  & {
    /** Φ, which some rivals attack in place of O. */
    readonly perceptual?: Pick<PerceptualNetwork, "features">;
  };

/**
 * What a preset's adversarial images are made on.
 *
 * @param training Its `adversary`, and what goes with it
 * @returns "target" by default
 * @throws {RangeError} If images that change with G or with the step are to be cached
 *
 * @example Usage
 * ```ts
 * import { adversaryOf } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * assert.equal(adversaryOf({ attackCache: 2 }), "target");
 * assert.equal(adversaryOf({ adversary: "system", attackCache: 0 }), "system");
 * assert.throws(() => adversaryOf({ adversary: "system", attackCache: 2 }), RangeError);
 * assert.throws(() => adversaryOf({ ramp: 0.5, attackCache: 2 }), RangeError);
 * ```
 */
export function adversaryOf(
  { adversary = "target", attackCache, ramp = 0, guard }: Pick<
    GeneratorTraining,
    "adversary" | "attackCache" | "ramp" | "guard"
  >,
): "target" | "system" | "both" {
  if (attackCache === 0) return adversary;
  const refuse = (reason: string, setting: string): never => {
    throw new RangeError(
      `Cannot cache adversarial images ${reason}: train.attackCache must be 0 with ${setting}: current value is ${attackCache}`,
    );
  };
  if (adversary !== "target") {
    refuse(
      "made through G as they change while G is trained",
      `train.adversary "${adversary}"`,
    );
  }
  if (ramp > 0) refuse("as their radius grows", "train.ramp");
  if (guard) refuse("of all examples as some are held out", "train.guard");
  return adversary;
}

/**
 * The attack that G is trained against, on O alone; a rival's may be made on Φ.
 *
 * @param source The preset, its task and O, Φ if it is attacked
 * @returns The attack; dispose it
 * @throws {RangeError} If a setting is impossible, or Φ is attacked and was not passed in
 */
export function createTrainingAttack<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
>(source: AttackSource<O, L, A>): Attack<L> {
  return attackAs(source, source.preset.attack);
}

/** An attack on O, alone or behind a defense, or on Φ. */
function attackAs<O extends tf.TensorContainer, L extends tf.TensorContainer, A>(
  { preset, task, target, perceptual, signal }: AttackSource<O, L, A>,
  settings: AttackSettings,
  defense?: Defense,
): Attack<L> {
  const { precision } = preset;
  if (attackedBy(preset) === "target") {
    const victim = stoppableVictim(exactVictim({ task, target, defense, precision }), signal);
    return createAttack(settings, victim, task.attacks);
  }
  if (perceptual) {
    const victim = stoppableVictim(perceptualVictim<L>(perceptual, precision), signal);
    return createAttack(settings, victim);
  }
  throw new RangeError("Cannot attack the perceptual network as it was not passed in");
}

/**
 * The source of images generated in every step, from the G in training: on O alone, through G, or both in turn.
 *
 * @param source O with its weights, the training split, the preset
 * @returns From G to the source
 * @throws {RangeError} If the images are to be cached, or there is not one batch
 */
export function freshAdversaries<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
>(
  source: AttackSource<O, L, A> & TrainingSource<O, L, A>,
): (generator: RestoringGenerator) => AdversarialSource<L> {
  const { preset, preset: { attack, seed, train }, dataset, steps } = source;
  const { ramp = 0, batchSize, epochs } = train;
  const adversary = adversaryOf(train);
  if (adversary !== "target" && attackedBy(preset) === "perceptual") {
    throw new RangeError(
      `Cannot attack the perceptual network through what is trained: train.adversary must be "target": current value is "${adversary}"`,
    );
  }
  const growing = Math.round(ramp * countSteps(dataset, batchSize, epochs, steps).totalSteps);
  const on = (defense?: Defense) =>
    rampedSource((share) => attackAs(source, atShare(attack, share), defense), seed, growing);
  return (generator) => {
    if (adversary === "target") return on();
    const through = on(generatorDefense(generator));
    return adversary === "system" ? through : alternatingSource([on(), through]);
  };
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
  const { parts, batches, batchesPerPart } = cacheParts(source);
  const cache = new AttackCache(parts);
  try {
    for await (const done of cache.fill(batches, storage, batchesPerPart)) {
      progress(done);
      await pause(source.signal);
    }
    return cache;
  } catch (error) {
    cache[Symbol.dispose]();
    throw error;
  }
}

/**
 * Makes a share of a preset's cache of adversarial images: {@linkcode fillTrainingCache} on the same storage then
 * finds it, bit for bit as it would make it.
 *
 * @param source O with its weights, the data, the preset; the attack
 * @param storage Stores finished parts of all shares
 * @param share Which parts, of up to 64 batches each
 * @param progress Called after every batch generated and every part found, with numbers of the share
 * @returns Number of the share's examples, of all passes
 */
export async function fillTrainingShare<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
>(
  source: TrainingSource<O, L, A> & { readonly attack: Attack<L> },
  storage: CacheStorage,
  share: Share,
  progress: (progress: CacheProgress) => void = () => {},
): Promise<number> {
  const { parts, batches, batchSize, batchesPerPart } = cacheParts(source);
  const cut = { batchSize: Math.min(batchSize, parts.length), batchesPerPart };
  let made = 0;
  for await (const done of fillShare(parts, batches, storage, cut, share)) {
    progress(done);
    made = done.done;
    await pause(source.signal);
  }
  return made;
}

/**
 * The passes of adversarial images that a training reads: as many as the preset caches, and no more than it trains.
 *
 * @param source The training split, the preset; steps, if they override its epochs
 * @returns Number of passes, at least 1
 *
 * @example Usage
 * ```ts
 * import { cachedPasses } from "@realign/core";
 * import { toyPreset } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * const train = { ...toyPreset.train, attackCache: 4, batchSize: 8, epochs: 2.5 };
 * const source = { preset: { ...toyPreset, train }, dataset: { length: 80 } };
 * assert.equal(cachedPasses(source), 3);
 * assert.equal(cachedPasses({ ...source, steps: 10 }), 1);
 * assert.equal(cachedPasses({ ...source, steps: 99 }), 4);
 * ```
 */
export function cachedPasses({ preset: { train }, dataset: { length }, steps }: {
  readonly preset: {
    readonly train: Pick<GeneratorTraining, "attackCache" | "batchSize" | "epochs">;
  };
  readonly dataset: { readonly length: number };
  readonly steps?: number;
}): number {
  const { attackCache, batchSize, epochs } = train;
  const stepsPerPass = Math.floor(length / batchSize);
  const trained = steps === undefined || stepsPerPass === 0 ? epochs : steps / stepsPerPass;
  return Math.min(attackCache, Math.max(1, Math.ceil(trained)));
}

/** What a preset's cache is made from, and how it is cut into parts. */
function cacheParts<O extends tf.TensorContainer, L extends tf.TensorContainer, A>(
  source: TrainingSource<O, L, A> & { readonly attack: Attack<L> },
) {
  const { preset, task, target, dataset, attack } = source;
  const { seed, train: { batchSize, augmentation: name } } = preset;
  const augmentation = augmentationOf(task, name);
  const { length, size } = dataset;
  const batchBytes = batchSize * size[0] * size[1] * 3;
  const parts: CacheSource<O, L> = {
    task: { extractFeatures: extractorOf(task, resolveLosses(preset.losses)) },
    keepsFeatures: storedFeatures(preset) !== undefined,
    target,
    attack,
    length,
    size,
    passes: cachedPasses(source),
    seed,
  };
  return {
    parts,
    batches: (pass: number, start: number) =>
      createEvaluationBatches(dataset, task, {
        batchSize,
        start,
        changes: { augmentation, seed, pass },
      }),
    batchSize,
    batchesPerPart: Math.min(64, Math.max(1, Math.floor(PART_BYTES / batchBytes))),
  };
}
