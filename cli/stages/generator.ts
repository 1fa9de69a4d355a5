/**
 * The stage `train`: G and D, Algorithm 1.
 *
 * @module
 */
import {
  createGeneratorTraining,
  createPerceptual,
  createRandom,
  createTrainingAttack,
  loadWeights,
  type PerceptualNetwork,
  type Preset,
} from "@realign/core";
import { fileError } from "../failure.ts";
import type { Output } from "../output.ts";
import type { RunStore } from "../store.ts";
import type { Workbench } from "../workbench.ts";
import { fillAttackCache } from "./attack_cache.ts";
import { runTraining } from "./train_stage.ts";

/** Said wherever a perceptual network without pretrained weights is used. */
export const RANDOM_PERCEPTUAL =
  "the perceptual network is a seeded random VGG-16, not one trained on ImageNet as in the paper: " +
  "give its weights by --perceptual.weights=FILE";

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

/** The perceptual network, with a warning where its weights are random. */
async function openPerceptual({ perceptual: settings, seed }: Preset, output: Output): Promise<
  PerceptualNetwork
> {
  const perceptual = createPerceptual(settings, createRandom(seed, "perceptual"));
  if (settings.weights === "") {
    output.warn(RANDOM_PERCEPTUAL);
    return perceptual;
  }
  try {
    const bytes = await Deno.readFile(settings.weights).catch((error) => {
      throw fileError("read the perceptual network's weights", settings.weights, error);
    });
    loadWeights({ name: "VGG-16", parameters: perceptual.parameters }, bytes, settings.weights);
    return perceptual;
  } catch (error) {
    perceptual[Symbol.dispose]();
    throw error;
  }
}
