/**
 * The stage `attack`: adversarial images of the frozen O, made once and kept between runs.
 *
 * @module
 */
import { type AnyAttack, type AnyAttackCache, fillTrainingCache } from "@realign/core";
import { ResultCache } from "../runs/cache_key.ts";
import type { Output } from "../terminal/output.ts";
import type { Workbench } from "./workbench.ts";

/**
 * Makes what is missing of the cache.
 *
 * @param bench O with its weights, and the data
 * @param attack The attack
 * @param folder Where caches are kept; "off" for nowhere
 * @param output Told of progress
 * @returns The cache, complete; dispose it
 */
export async function fillAttackCache(
  bench: Workbench,
  attack: AnyAttack,
  folder: string,
  output: Output,
): Promise<AnyAttackCache> {
  const { preset, task, target, training } = bench;
  const { attackCache: passes, augmentation, batchSize } = preset.train;
  const storage = new ResultCache(folder, bench.code, output.warn).images("attacks", {
    dataset: training.digest,
    size: training.size,
    target: await bench.digestTarget(),
    model: bench.modelFacts(),
    attack: attack.settings,
    version: attack.version,
    augmentation,
    batchSize,
    seed: preset.seed,
  });
  using progress = output.progress.start(
    "generate adversarial images",
    passes * training.length,
    "images",
  );
  const source = { preset, task, target, dataset: training, attack };
  return await fillTrainingCache(source, storage, ({ done }) => progress.update(done));
}
