/**
 * The runs of a grid's cells, each the only one of its folder.
 *
 * @module
 */
import { join } from "node:path";
import { beginRun, type TrainOptions } from "../../cli/commands/train.ts";
import { NO_SUBSTITUTE } from "../../cli/commands/named_target.ts";
import type { OpenRun } from "../../cli/commands/open_run.ts";
import type { Override } from "../../cli/presets/overrides.ts";
import { readEvaluation } from "../../cli/runs/evaluation_file.ts";
import { RunStore } from "../../cli/runs/run_store.ts";
import { Output } from "../../cli/terminal/output.ts";
import type { Cell } from "./cells.ts";
import { readExample } from "./example.ts";
import type { FinishedCell, GridPlan, ViewedCell } from "./plan.ts";

/** Where a cell's run is, in the folder of its seed; transformations stand in front of the O of all cells. */
export function runsOf(folder: string, { name, rival }: Cell): string {
  return join(folder, rival?.by === "transformation" ? TARGET : name);
}

/** The folder of the O of all cells. */
export const TARGET = "target";

/** Goes on with the one run of a folder, or begins it. */
export async function openCell(
  { name, overrides }: GridPlan,
  seed: number,
  options: TrainOptions,
  stage: "train" | "train-target",
  { interruption }: Output,
  more: readonly Override[] = [],
): Promise<OpenRun> {
  const output = new Output(false, interruption);
  if (await hasRun(options.runs)) {
    const { backend, device, threads, runs, data, cache, plugin } = options;
    const kept = { backend, device, threads, runs, data, cache, plugin, resume: "latest" };
    return await beginRun(undefined, kept, { overrides: [] }, output, stage);
  }
  const context = { overrides: [...overrides, ...more] };
  // Tables under transfer train their one substitute themselves.
  const own = { ...options, seed, substitute: NO_SUBSTITUTE };
  return await beginRun(name, own, context, output, stage);
}

async function hasRun(runs: string): Promise<boolean> {
  try {
    for await (const { name } of Deno.readDir(runs)) {
      const file = join(runs, name, "run.json");
      if (await Deno.stat(file).then(() => true, () => false)) return true;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return false;
}

/** A cell that was evaluated; undefined if it was not. */
export async function readFinished(
  runs: string,
  cell: Cell,
  seed: number,
): Promise<FinishedCell | undefined> {
  if (!await hasRun(runs)) return undefined;
  using store = await RunStore.read(runs, "latest", () => {});
  const evaluation = await readEvaluation(store, join(store.folder, "evaluation.json"));
  if (evaluation === undefined) return undefined;
  const example = await readExample(store);
  return { cell, seed, run: store.id, evaluation, example, stages: store.record.stages };
}

/** Whether a folder's run has trained its generator to the end: then it need not be opened for that. */
export async function isTrained(runs: string): Promise<boolean> {
  if (!await hasRun(runs)) return false;
  using store = await RunStore.read(runs, "latest", () => {});
  return await store.checkpoints.final("train") !== undefined;
}

/** A cell whose run is trained, and evaluated elsewhere. */
export async function readTrained(runs: string, cell: Cell, seed: number): Promise<ViewedCell> {
  using store = await RunStore.read(runs, "latest", () => {});
  return { cell, seed, run: store.id, stages: store.record.stages };
}
