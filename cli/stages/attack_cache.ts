/**
 * The stage `attack`: adversarial images of the frozen O, generated once and cached between runs.
 *
 * @module
 */
import {
  type AnyAttack,
  type AnyAttackCache,
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

/**
 * Fills the cache.
 *
 * @param bench O with its weights, and the data
 * @param attack The attack
 * @param folder Folder of caches; "off" for none
 * @param output For progress
 * @param perceptual Φ, if the attack is made on it
 * @returns The cache, complete; dispose it
 */
export async function fillAttackCache(
  bench: Workbench,
  attack: AnyAttack,
  folder: string,
  output: Output,
  perceptual?: PerceptualNetwork,
): Promise<AnyAttackCache> {
  const { preset: { train: { attackCache: passes } }, training: { length } } = bench;
  const storage = await storageOf(
    bench,
    attack,
    new ResultCache(folder, bench.code, output.warn),
    perceptual,
  );
  using progress = output.progress.start(LABEL, passes * length, "images");
  const source = sourceOf(bench, attack, output);
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
): Promise<void> {
  await withTrainingAttack(bench, output, async (attack, perceptual) => {
    using _cache = await fillAttackCache(bench, attack, folder, output, perceptual);
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
): Promise<number> {
  const results = new ResultCache(folder, bench.code, output.warn);
  results.assertShared();
  let images = 0;
  await withTrainingAttack(bench, output, async (attack, perceptual) => {
    const storage = await storageOf(bench, attack, results, perceptual);
    const { preset: { train: { attackCache: passes } }, training: { length } } = bench;
    const about = Math.ceil(passes * length / share.count);
    using progress = output.progress.start(LABEL, about, "images");
    const source = sourceOf(bench, attack, output);
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
  { preset, task, target, training: dataset }: Workbench,
  attack: AnyAttack,
  { interruption }: Output,
) {
  return { preset, task, target, dataset, attack, signal: signalWithin(interruption) };
}

/** Where they are kept. */
async function storageOf(
  bench: Workbench,
  attack: AnyAttack,
  results: ResultCache,
  perceptual?: PerceptualNetwork,
): Promise<CacheStorage> {
  const { preset, preset: { precision = "float32" }, training } = bench;
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
