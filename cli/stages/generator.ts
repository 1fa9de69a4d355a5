/**
 * The stage `train`: G and D, Algorithm 1.
 *
 * @module
 */
import { runGeneratorTraining } from "@realign/core";
import type { Output } from "../terminal/output.ts";
import type { RunStore } from "../runs/run_store.ts";
import type { Workbench } from "./workbench.ts";
import { fillAttackCache } from "./attack_cache.ts";
import { openPerceptual } from "./perceptual.ts";
import { runTraining } from "./run_training.ts";

/** A G of fewer steps may still spoil clean images, even at 32x32. */
const FEW_STEPS = 1000;

/**
 * Trains G, unless the run already has it.
 *
 * @param bench O with its weights, and the data
 * @param store The run
 * @param cacheFolder Cache folder of adversarial images
 * @param output For progress
 */
export async function trainGenerator(
  bench: Workbench,
  store: RunStore,
  cacheFolder: string,
  output: Output,
): Promise<void> {
  if (await store.checkpoints.final("train")) return;
  const { preset, task, target, training: dataset } = bench;
  using perceptual = await openPerceptual(preset, output);
  const { steps: { train: steps } } = store.record;
  const { interruption: { signal } } = output;
  const options = { label: "train the generator", checkpointEvery: preset.train.checkpointEvery };
  let last = 0;
  const source = { preset, task, target, dataset, perceptual, steps, signal };
  const tensors = await runGeneratorTraining(source, {
    fill: (attack) => fillAttackCache(bench, attack, cacheFolder, output),
    async run(training) {
      const { totalSteps } = training.trainer;
      // Few steps that were asked for need no word.
      if (steps === undefined && totalSteps < FEW_STEPS) {
        output.warn(
          `the generator is trained for ${totalSteps} steps only: it may spoil ` +
            "clean images; start again with more, e.g. --steps 3000",
        );
      }
      await runTraining(training, store, options, output);
      last = training.trainer.step;
    },
  });
  await store.checkpoints.save("train", "final", {
    tensors,
    metadata: { step: String(last), preset: preset.name },
  });
}
