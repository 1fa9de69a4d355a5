/**
 * The stage `attack`: adversarial images of the frozen O, generated once and cached between runs.
 *
 * @module
 */
import {
  type AnyAttack,
  type AnyAttackCache,
  cachedPasses,
  type CacheStorage,
  createTrainingAttack,
  fillTrainingCache,
  type PerceptualNetwork,
  type Preset,
  storedFeatures,
} from "@realign/core";
import { fillTrainingShare, type Share } from "@realign/core/shares";
import { PENULTIMATE } from "@realign/core/losses";
import { attackedBy } from "@realign/core/recipes";
import { NO_CACHE, ResultCache } from "../runs/cache_key.ts";
import { UsageError } from "../system/failure.ts";
import type { Output } from "../terminal/output.ts";
import { openPerceptual } from "./perceptual.ts";
import { digestOf } from "./target_models.ts";
import { signalWithin } from "./workers.ts";
import type { Workbench } from "./workbench.ts";

/** The training that the images are for: that of the bench, or the one before it. */
export interface CachedTraining {
  readonly preset: Preset;
  /** If they override its epochs. */
  readonly steps?: number;
}

/**
 * Fills the cache.
 *
 * @param bench O with its weights, and the data
 * @param training What the images are for
 * @param attack The attack
 * @param folder Folder of caches; "off" for none
 * @param output For progress
 * @param perceptual Φ, if the attack is made on it
 * @returns The cache, complete; dispose it
 */
export async function fillAttackCache(
  bench: Workbench,
  training: CachedTraining,
  attack: AnyAttack,
  folder: string,
  output: Output,
  perceptual?: PerceptualNetwork,
): Promise<AnyAttackCache> {
  const source = sourceOf(bench, training, attack, output);
  const storage = await storageOf(
    bench,
    training,
    attack,
    new ResultCache(folder, bench.code, output.warn),
    perceptual,
  );
  const wanted = cachedPasses(source) * source.dataset.length;
  using progress = output.progress.start(LABEL, wanted, "images");
  return await fillTrainingCache(source, storage, ({ done }) => progress.update(done));
}

/** What the progress says. */
const LABEL = "generate adversarial images";

/** Fails if a preset's adversarial images cannot be made before it is trained, or not be kept. */
export function assertCacheable(
  { name, train: { attackCache, adversary } }: Preset,
  cache: string,
): void {
  if (attackCache === 0) {
    throw new UsageError(
      adversary !== undefined && adversary !== "target"
        ? `Cannot cache adversarial images as ${name} generates them through the moving G: train it with realign train`
        : `Cannot cache adversarial images as ${name} generates them in every step: add --train.attackCache=1`,
    );
  }
  if (cache === NO_CACHE) {
    throw new UsageError("Cannot cache adversarial images as --cache is off: set it to a folder");
  }
}

/** Fills a preset's cache, for later. */
export async function makeAttackCache(
  bench: Workbench,
  folder: string,
  output: Output,
  steps?: number,
): Promise<void> {
  await withTrainingAttack(bench, output, async (attack, perceptual) => {
    const training = { preset: bench.preset, steps };
    using _cache = await fillAttackCache(bench, training, attack, folder, output, perceptual);
  });
}

/**
 * Makes a worker's share of a preset's cache.
 *
 * @returns Number of images that are there now
 * @throws {UsageError} If nothing is kept
 */
export async function shareAttackCache(
  bench: Workbench,
  folder: string,
  share: Share,
  output: Output,
  steps?: number,
): Promise<number> {
  const results = new ResultCache(folder, bench.code, output.warn);
  results.assertShared();
  const training = { preset: bench.preset, steps };
  let images = 0;
  await withTrainingAttack(bench, output, async (attack, perceptual) => {
    const storage = await storageOf(bench, training, attack, results, perceptual);
    const source = sourceOf(bench, training, attack, output);
    const about = Math.ceil(cachedPasses(source) * source.dataset.length / share.count);
    using progress = output.progress.start(LABEL, about, "images");
    images = await fillTrainingShare(source, storage, share, ({ done }) => progress.update(done));
  });
  return images;
}

/** Makes the attack by which a preset trains. */
async function withTrainingAttack(
  bench: Workbench,
  output: Output,
  work: (attack: AnyAttack, perceptual: PerceptualNetwork | undefined) => Promise<void>,
): Promise<void> {
  using perceptual = attackedBy(bench.preset) === "perceptual"
    ? await openPerceptual(bench.preset, output)
    : undefined;
  const signal = signalWithin(output.interruption);
  using attack = createTrainingAttack({ ...bench, perceptual, signal });
  await work(attack, perceptual);
}

/** What images are made from. */
function sourceOf(
  { task, target, training: dataset }: Workbench,
  { preset, steps }: CachedTraining,
  attack: AnyAttack,
  { interruption }: Output,
) {
  return { preset, task, target, dataset, attack, steps, signal: signalWithin(interruption) };
}

/** Where they are kept. */
async function storageOf(
  bench: Workbench,
  { preset }: CachedTraining,
  attack: AnyAttack,
  results: ResultCache,
  perceptual?: PerceptualNetwork,
): Promise<CacheStorage> {
  const { training } = bench;
  const { precision = "float32" } = preset;
  const { augmentation, batchSize } = preset.train;
  const features = storedFeatures(preset);
  return results.images("attacks", {
    dataset: training.digest,
    size: training.size,
    target: await bench.digestTarget(),
    model: bench.modelFacts(),
    attack: attack.settings,
    version: attack.version,
    augmentation,
    batchSize,
    seed: preset.seed,
    ...(precision !== "float32" && { precision }),
    ...(perceptual && { perceptual: [preset.perceptual, await digestOf(perceptual)] }),
    ...(features !== PENULTIMATE && { features: features ?? "none" }),
  });
}
