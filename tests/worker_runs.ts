/**
 * Runs of seconds by several workers, for tests.
 *
 * @module
 */
import { type HostTensor, parseSafetensors } from "@realign/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { startWorkers } from "../bench/workers/start_workers.ts";

/** Settings at which rounding does not grow within 50 steps: low rates, one step of attack. */
export const GENTLE: readonly string[] = [
  "cls-shapes",
  "--target-steps=10",
  "--steps=50",
  "--dataset.trainExamples=60",
  "--target.train.batchSize=12",
  "--train.batchSize=12",
  "--train.attackCache=1",
  "--train.checkpointEvery=10",
  "--attack.steps=1",
  "--target.train.schedule.peak=1e-4",
  "--train.schedule.peak=1e-5",
  "--generator.width=4",
  "--generator.blocks=1",
  "--discriminator.width=4",
  "--perceptual.width=4",
];

/** Runs a command in several processes, which must succeed. */
export async function runWorkers(count: number, args: readonly string[]): Promise<void> {
  const workers = startWorkers(count, () => args);
  for (const { code, error } of await Promise.all(workers.map(({ ended }) => ended))) {
    assert.equal(code, 0, error);
  }
}

/** Final weights of the only run in a folder, by stage and name. */
export async function weightsIn(runs: string): Promise<Map<string, HostTensor>> {
  const [run] = [...Deno.readDirSync(runs)];
  const all = new Map<string, HostTensor>();
  for (const stage of ["train-target", "train"]) {
    const path = join(runs, run.name, "checkpoints", `${stage}-final.safetensors`);
    const { tensors } = parseSafetensors(await Deno.readFile(path), path);
    tensors.forEach((tensor, name) => all.set(`${stage}/${name}`, tensor));
  }
  return all;
}
