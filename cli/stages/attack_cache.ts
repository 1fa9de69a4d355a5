/**
 * The stage `attack`: adversarial images of the frozen O, generated once and cached between runs.
 *
 * @module
 */
import {
  type AnyAttack,
  type AnyAttackCache,
  fillTrainingCache,
  type PerceptualNetwork,
  storedFeatures,
} from "@realign/core";
import { PENULTIMATE } from "@realign/core/losses";
import { ResultCache } from "../runs/cache_key.ts";
import type { Output } from "../terminal/output.ts";
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
  const { preset, preset: { precision = "float32" }, task, target, training } = bench;
  const { attackCache: passes, augmentation, batchSize } = preset.train;
  const features = storedFeatures(preset);
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
    ...(precision !== "float32" && { precision }),
    ...(perceptual && { perceptual: [preset.perceptual, await digestOf(perceptual)] }),
    ...(features !== PENULTIMATE && { features: features ?? "none" }),
  });
  using progress = output.progress.start(
    "generate adversarial images",
    passes * training.length,
    "images",
  );
  const signal = signalWithin(output.interruption);
  const source = { preset, task, target, dataset: training, attack, signal };
  return await fillTrainingCache(source, storage, ({ done }) => progress.update(done));
}
