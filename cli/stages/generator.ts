/**
 * The stage `train`: G and D by Algorithm 1, or a rival in their place.
 *
 * @module
 */
import {
  type AnyGeneratorTrainingSource,
  runGeneratorTraining,
  START_STAGE,
  startingSource,
} from "@realign/core";
import { attackedBy, rivalTitle } from "@realign/core/recipes";
import type { Output } from "../terminal/output.ts";
import type { RunStore } from "../runs/run_store.ts";
import type { Workbench } from "./workbench.ts";
import { fillAttackCache } from "./attack_cache.ts";
import { openPerceptual } from "./perceptual.ts";
import { runTraining } from "./run_training.ts";
import { signalWithin } from "./workers.ts";

/** A G of fewer steps may still spoil clean images, even at 32x32. */
const FEW_STEPS = 1000;

/**
 * Trains G, unless the run already has it; before it the G that it starts from, if the preset asks for one and no
 * other run gave it.
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
  const title = rivalTitle(preset) ?? "the generator";
  using perceptual = await openPerceptual(preset, output);
  const isAttacked = attackedBy(preset) === "perceptual";
  const { steps: { train: steps } } = store.record;
  const signal = signalWithin(output.interruption);
  const source = { preset, task, target, dataset, perceptual, steps, signal };
  /** One of the two trainings, up to its final checkpoint. */
  const train = async (part: AnyGeneratorTrainingSource, label: string) => {
    const { stage = "train", preset: { train: { checkpointEvery } } } = part;
    let last = 0;
    const tensors = await runGeneratorTraining(part, {
      fill: (attack) =>
        fillAttackCache(
          bench,
          part,
          attack,
          cacheFolder,
          output,
          isAttacked ? perceptual : undefined,
        ),
      async run(training) {
        const { totalSteps } = training.trainer;
        // Few steps that were asked for need no word.
        if (steps === undefined && stage === "train" && totalSteps < FEW_STEPS) {
          output.warn(
            `${title} is trained for ${totalSteps} steps only: it may spoil ` +
              "clean images; start again with more, e.g. --steps 3000",
          );
        }
        await runTraining(training, store, { label, checkpointEvery }, output);
        last = training.trainer.step;
        if (training.trainer.ended) {
          output.warn(
            `the training ended at step ${last} of ${totalSteps} as what is trained fell under attack (train.guard): ` +
              "its weights are those of the best epoch",
          );
        }
      },
    });
    const metadata = { step: String(last), preset: preset.name };
    await store.checkpoints.save(stage, "final", { tensors, metadata });
    return tensors;
  };
  const known = await store.checkpoints.final(START_STAGE);
  const first = known ? undefined : startingSource(source);
  const start = first ? await train(first, `train ${title} to start from`) : known?.tensors;
  await train({ ...source, start }, `train ${title}`);
}
