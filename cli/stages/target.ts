/**
 * The stage `train-target`: O gets its weights, from a file or by training.
 *
 * @module
 */
import { checkTarget, runTargetTraining } from "@realign/core";
import type { Output } from "../terminal/output.ts";
import type { RunStore } from "../runs/run_store.ts";
import type { Workbench } from "./workbench.ts";
import { runTraining } from "./run_training.ts";

/** Steps between checkpoints of O, and of substitutes. */
export const CHECKPOINT_EVERY = 200;

/**
 * Gives O its weights: from the run, else from the preset's file, else by training.
 *
 * @param bench O and its data
 * @param store The run
 * @param output For progress
 */
export async function prepareTarget(
  bench: Workbench,
  store: RunStore,
  output: Output,
): Promise<void> {
  const { preset, task, target } = bench;
  const final = await store.checkpoints.final("train-target");
  if (final) {
    target.parameters.import(final.tensors, final.path);
    return;
  }
  const keep = async () =>
    await store.checkpoints.save("train-target", "final", {
      tensors: await target.parameters.export(),
      metadata: { architecture: preset.target.architecture, preset: preset.name },
    });
  if (preset.target.weights !== "") {
    // The run keeps its own copy: the file may be changed or moved later.
    await bench.loadTarget(output);
    return await keep();
  }
  if (!bench.train) {
    throw new Error(
      `Cannot find O's weights in ${store.id} as they are missing or damaged: regenerate them with: realign train --resume ${store.handle}`,
    );
  }
  const { interruption: { signal } } = output;
  const steps = store.record.steps["train-target"];
  const options = { label: "train the target", checkpointEvery: CHECKPOINT_EVERY };
  await runTargetTraining(
    { preset, task, target, dataset: bench.training, steps, signal },
    (training) => runTraining(training, store, options, output),
  );
  await assertSound(bench);
  await keep();
}

/** Fails if O's outputs are NaN after training, which can happen even with finite weights. */
async function assertSound(
  { preset, task, target, training: dataset }: Workbench,
): Promise<void> {
  try {
    await checkTarget({ preset, task, target, dataset });
  } catch (error) {
    throw new Error(
      `Cannot continue with the trained O: start again with a lower target.train.schedule.peak (${
        (error as Error).message
      })`,
      { cause: error },
    );
  }
}
