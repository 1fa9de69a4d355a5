/**
 * The stage `train-target`: O gets its weights, from a file or by training.
 *
 * @module
 */
import { createTargetTraining } from "@realign/core";
import type { Output } from "../output.ts";
import type { RunStore } from "../store.ts";
import type { Workbench } from "../workbench.ts";
import { runTraining } from "./train_stage.ts";

/** Steps between checkpoints of O. */
const CHECKPOINT_EVERY = 200;

/**
 * Gives O its weights, if no file of them is named.
 *
 * @param bench O and its data
 * @param store The run
 * @param output Told of progress
 */
export async function prepareTarget(
  bench: Workbench,
  store: RunStore,
  output: Output,
): Promise<void> {
  const { preset, task, target } = bench;
  if (preset.target.weights !== "") return; // the workbench has opened it with them
  const final = await store.checkpoints.final("train-target");
  if (final) {
    target.parameters.import(final.tensors, final.path);
    return;
  }
  const { trainer, batches } = createTargetTraining({
    preset,
    task,
    target,
    dataset: bench.training,
    steps: store.record.steps["train-target"],
  });
  using _trainer = trainer;
  await runTraining(trainer, store, {
    stage: "train-target",
    label: "train the target",
    checkpointEvery: CHECKPOINT_EVERY,
    batches,
  }, output);
  await store.checkpoints.save("train-target", "final", {
    tensors: await target.parameters.export(),
    metadata: { architecture: preset.target.architecture, preset: preset.name },
  });
}
