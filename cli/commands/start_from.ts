/**
 * `--from RUN`: a new run whose G, and O unless it is given, begin as those of another run.
 *
 * @module
 */
import { hasWeights, type Preset, START_STAGE } from "@realign/core";
import { isDeepStrictEqual } from "node:util";
import type { LoadedCheckpoint } from "../runs/checkpoint_folder.ts";
import { RunStore } from "../runs/run_store.ts";
import { UsageError } from "../system/failure.ts";

/** The checkpoints that a new run begins with, by stage. */
export type StartingPoints = Readonly<Record<string, LoadedCheckpoint>>;

/**
 * Finds the weights that a run begins with.
 *
 * @param word The other run
 * @param preset Of the new run
 * @param options The folder of all runs, and where warnings go
 * @returns G's, and O's unless the preset names a file of its own
 * @throws {UsageError} If there is no such run, its G is not trained, or the networks are others
 */
export async function findStart(
  word: string,
  preset: Preset,
  { runs, warn }: { readonly runs: string; readonly warn: (message: string) => void },
): Promise<StartingPoints> {
  using store = await RunStore.read(runs, word, warn);
  const { preset: other } = store.record;
  const ownTarget = hasWeights(preset.target);
  const same: [string, unknown, unknown][] = [
    ["task", other.task, preset.task],
    ["recipe", networkOf(other), networkOf(preset)],
    ["generator", other.generator, preset.generator],
    ...(ownTarget ? [] : ["architecture", "size", "normalization"] as const).map((
      key,
    ): [string, unknown, unknown] => [`target.${key}`, other.target[key], preset.target[key]]),
  ];
  for (const [name, theirs, ours] of same) {
    if (isDeepStrictEqual(theirs, ours)) continue;
    throw new UsageError(
      `Cannot start from ${store.id} as its ${name} must be ${JSON.stringify(ours)}: it is ${
        JSON.stringify(theirs)
      }`,
    );
  }
  const [generator, target] = await Promise.all(
    ["train", "train-target"].map((stage) => store.checkpoints.final(stage)),
  );
  if (!generator || !ownTarget && !target) {
    throw new UsageError(
      `Cannot start from ${store.id} as it is not trained yet: run realign train --resume ${store.handle}`,
    );
  }
  return { [START_STAGE]: generator, ...(!ownTarget && { "train-target": target! }) };
}

/** Keeps what {@linkcode findStart} found as the new run's own. */
export async function keepStart(points: StartingPoints, store: RunStore): Promise<void> {
  for (const [stage, { tensors, metadata: { sha256: _, ...metadata } }] of Object.entries(points)) {
    await store.checkpoints.save(stage, "final", { tensors, metadata });
  }
}

/** What is trained, however it is trained; null for the paper's own. */
function networkOf({ recipe }: Preset): object | null {
  if (!recipe) return null;
  const { protocol: _, ...network } = recipe;
  return network;
}
