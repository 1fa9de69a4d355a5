/**
 * A grid of runs: for each seed one target network and one set of adversarial images, shared by a run
 * for every cell. What is finished is kept, what was stopped goes on.
 *
 * @module
 */
import type { Evaluation, Preset } from "@realign/core";
import { join } from "node:path";
import { evaluateAndSave } from "../../cli/commands/evaluate_and_save.ts";
import { writeReport } from "../../cli/commands/report.ts";
import { beginRun, runStages, type TrainOptions } from "../../cli/commands/train.ts";
import { VERSION } from "../../cli/system/environment.ts";
import { NO_CACHE } from "../../cli/runs/cache_key.ts";
import { parseEvaluation } from "../../cli/runs/evaluation_file.ts";
import { sha256 } from "../../cli/system/safe_file.ts";
import type { OpenRun } from "../../cli/commands/open_run.ts";
import { Output } from "../../cli/terminal/output.ts";
import { RunStore } from "../../cli/runs/run_store.ts";
import type { Override } from "../../cli/presets/overrides.ts";
import { type Cell, overridesOf } from "./cells.ts";

/** What a grid is made from. */
export interface GridPlan {
  /** The preset's name. */
  readonly name: string;
  /** The preset with all that the command line changed; its seed is the first. */
  readonly preset: Preset;
  readonly overrides: readonly Override[];
  readonly cells: readonly Cell[];
  readonly seeds: readonly number[];
  /** Names the code of its plugin. */
  readonly code: string | undefined;
  /** As of `train`; `runs` is the folder that the grid's own folder is in. */
  readonly options: TrainOptions;
}

/** One finished cell. */
export interface FinishedCell {
  readonly cell: Cell;
  readonly seed: number;
  readonly run: string;
  readonly evaluation: Evaluation;
  /** Seconds, steps and speed of its stages. */
  readonly stages: RunStore["record"]["stages"];
}

/** The grid's folder: the same for the same settings and code, whatever its cells and seeds. */
export function gridFolder({ name, preset, code, options }: GridPlan): string {
  const { steps, targetSteps, plugin } = options;
  const settings = { ...preset, seed: 0 };
  const facts = JSON.stringify([settings, steps, targetSteps, plugin, VERSION, code]);
  const key = sha256(new TextEncoder().encode(facts)).slice(0, 8);
  return join(options.runs, `table-1-${name}-${key}`);
}

/**
 * Runs a grid to its end.
 *
 * @param plan What it is made from
 * @param output Told of progress
 * @yields Every finished cell, those that were finished before included, seed by seed
 * @throws {Interrupted} After a signal, when what was made is saved
 */
export async function* runGrid(
  plan: GridPlan,
  output: Output,
): AsyncGenerator<FinishedCell, void, void> {
  const total = plan.cells.length * plan.seeds.length;
  let done = 0;
  for (const seed of plan.seeds) {
    const folder = join(gridFolder(plan), `seed-${seed}`);
    let targetWeights: string | undefined;
    for (const cell of plan.cells) {
      done++;
      const runs = join(folder, cell.name);
      const known = await readFinished(runs, cell, seed);
      if (known) {
        yield known;
        continue;
      }
      targetWeights ??= await provideTarget(plan, seed, join(folder, "target"), output);
      output.note(`\ncell ${done} of ${total}: ${cell.name}, seed ${seed}`);
      const options = { ...plan.options, runs, targetWeights, targetSteps: undefined };
      {
        await output.interruption.check();
        using run = await open(plan, seed, options, "train", output, overridesOf(cell));
        const own = new Output(false, output.interruption);
        await runStages(run, options, own, "train");
        await own.interruption.check();
        await evaluateAndSave(run, options, own);
        await writeReport(run.store, own.interruption);
      }
      yield (await readFinished(runs, cell, seed))!;
    }
  }
}

/** O of a seed, and its adversarial images: made once. */
async function provideTarget(
  plan: GridPlan,
  seed: number,
  runs: string,
  output: Output,
): Promise<string> {
  const { target, train } = plan.preset;
  const given = target.weights !== "";
  output.note(`\ntarget and adversarial images, seed ${seed}`);
  const options = { ...plan.options, runs, steps: plan.options.targetSteps };
  using run = await open(plan, seed, options, "train-target", output);
  const last = train.attackCache > 0 && options.cache !== NO_CACHE ? "attack" : "train-target";
  await runStages(run, options, new Output(false, output.interruption), last);
  if (given) return target.weights;
  return (await run.store.checkpoints.final("train-target"))!.path;
}

/** Goes on with the one run of a folder, or begins it. */
async function open(
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
  return await beginRun(name, { ...options, seed }, context, output, stage);
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

async function readFinished(
  runs: string,
  cell: Cell,
  seed: number,
): Promise<FinishedCell | undefined> {
  if (!await hasRun(runs)) return undefined;
  using store = await RunStore.read(runs, "latest", () => {});
  const value = await store.readJson("evaluation.json");
  if (value === undefined) return undefined;
  const record = await store.readJson("run.json");
  const evaluation = parseEvaluation(value, join(store.folder, "evaluation.json"), record);
  return { cell, seed, run: store.id, evaluation, stages: store.record.stages };
}
