/**
 * The stage `train`: G and D, Algorithm 1.
 *
 * @module
 */
import { createGeneratorTraining, createTrainingAttack } from "@realign/core";
import type { Output } from "../terminal/output.ts";
import type { RunStore } from "../runs/run_store.ts";
import type { Workbench } from "./workbench.ts";
import { fillAttackCache } from "./attack_cache.ts";
import { openPerceptual } from "./perceptual.ts";
import { runTraining } from "./run_training.ts";

/**
 * Trains G, unless the run has it already.
 *
 * @param bench O with its weights, and the data
 * @param store The run
 * @param cacheFolder Where adversarial images are kept
 * @param output Told of progress
 */
export async function trainGenerator(
  bench: Workbench,
  store: RunStore,
  cacheFolder: string,
  output: Output,
): Promise<void> {
  if (await store.checkpoints.final("train")) return;
  const { preset, task, target, training: dataset } = bench;
  using attack = createTrainingAttack(bench);
  using cache = preset.train.attackCache > 0
    ? await fillAttackCache(bench, attack, cacheFolder, output)
    : undefined;
  using perceptual = await openPerceptual(preset, output);
  const { trainer, batches } = createGeneratorTraining({
    preset,
    task,
    target,
    dataset,
    perceptual,
    adversaries: cache ?? attack,
    steps: store.record.steps.train,
  });
  using _trainer = trainer;
  const { checkpointEvery } = preset.train;
  const label = "train the generator";
  await runTraining(trainer, store, { stage: "train", label, checkpointEvery, batches }, output);
  await store.checkpoints.save("train", "final", {
    tensors: await trainer.exportGenerator(),
    metadata: { step: String(trainer.step), preset: preset.name },
  });
}
