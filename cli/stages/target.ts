/**
 * The stage `train-target`: O gets its weights, from a file or by training.
 *
 * @module
 */
import { checkTarget, hasWeights, type HostTensor, runTargetTraining } from "@realign/core";
import type { Output } from "../terminal/output.ts";
import type { RunStore } from "../runs/run_store.ts";
import type { Workbench } from "./workbench.ts";
import { runTraining } from "./run_training.ts";
import { loadFile } from "./target_models.ts";
import { signalWithin } from "./workers.ts";

/** Steps between checkpoints of O, and of substitutes. */
export const CHECKPOINT_EVERY = 200;

/** Names the weights that a training of O starts from, which a run keeps. */
const START = "train-target-start";

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
  if (hasWeights(preset.target)) {
    // The run keeps its own copy: the file may be changed or moved later.
    await bench.loadTarget(output);
    return await keep();
  }
  if (!bench.train) {
    throw new Error(
      `Cannot find O's weights in ${store.id} as they are missing or damaged: regenerate them with: realign train --resume ${store.handle}`,
    );
  }
  const signal = signalWithin(output.interruption);
  const steps = store.record.steps["train-target"];
  const options = { label: "train the target", checkpointEvery: CHECKPOINT_EVERY };
  const start = await startOf(bench, store);
  await runTargetTraining(
    { preset, task, target, dataset: bench.training, steps, signal, start },
    (training) => runTraining(training, store, options, output),
  );
  await assertSound(bench);
  await keep();
}

/** The weights that O's training starts from; undefined for random ones. The run keeps a copy of the file's. */
async function startOf(
  { preset: { name, target: { architecture, train: { from = "" } } }, target }: Workbench,
  store: RunStore,
): Promise<ReadonlyMap<string, HostTensor> | undefined> {
  if (from === "") return undefined;
  const kept = await store.checkpoints.final(START);
  if (kept) return kept.tensors;
  await loadFile(target, from);
  const tensors = await target.parameters.export();
  await store.checkpoints.save(START, "final", {
    tensors,
    metadata: { architecture, preset: name },
  });
  return tensors;
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
