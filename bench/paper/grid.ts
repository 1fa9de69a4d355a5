/**
 * A grid of runs: for each seed one target network and one set of adversarial images, shared by a run
 * for every cell; where a table asks for it, one network of the second architecture, which is attacked in
 * place of O or put behind G. What is finished is kept, what was stopped goes on; tables that differ only in
 * how runs are evaluated share their runs.
 *
 * @module
 */
import { join } from "node:path";
import { evaluateAndSave } from "../../cli/commands/evaluate_and_save.ts";
import { findTarget, type NamedTarget } from "../../cli/commands/named_target.ts";
import { settingOverride } from "../../cli/commands/options.ts";
import { writeReport } from "../../cli/commands/report.ts";
import { runStages, type TrainOptions } from "../../cli/commands/train.ts";
import type { OpenRun } from "../../cli/commands/open_run.ts";
import type { Override } from "../../cli/presets/overrides.ts";
import { NO_CACHE } from "../../cli/runs/cache_key.ts";
import { VERSION } from "../../cli/system/environment.ts";
import { sha256 } from "../../cli/system/safe_file.ts";
import { Output } from "../../cli/terminal/output.ts";
import { openCell, readFinished, readTrained, runsOf, TARGET } from "./cell_runs.ts";
import { type Cell, overridesOf } from "./cells.ts";
import type { FinishedCell, GridPlan, ViewedCell } from "./plan.ts";
import { needsView, viewed } from "./views.ts";

/** The grid's folder: the same for the same settings and code, whatever its cells and seeds. */
export function gridFolder({ name, preset, code, options }: GridPlan): string {
  const { steps, targetSteps, plugin } = options;
  const settings = { ...preset, seed: 0 };
  const facts = JSON.stringify([settings, steps, targetSteps, plugin, VERSION, code]);
  const key = sha256(new TextEncoder().encode(facts)).slice(0, 8);
  return join(options.runs, `grid-${name}-${key}`);
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
    const second = plan.second && await provideSecond(plan, seed, folder, output);
    const provide = async () =>
      targetWeights ??= await provideTarget(plan, seed, join(folder, TARGET), output);
    for (const cell of plan.cells) {
      done++;
      const place = { plan, cell, seed, runs: runsOf(folder, cell) };
      const said = `\ncell ${done} of ${total}: ${cell.name}, seed ${seed}`;
      const finished = await finish(place, provide, said, output);
      if (needsView(plan.kind, cell)) yield await viewed(plan, finished, folder, second, output);
      else yield finished as FinishedCell;
    }
  }
}

/** A cell of a seed, and the folder of its run. */
interface Place {
  readonly plan: GridPlan;
  readonly cell: Cell;
  readonly seed: number;
  readonly runs: string;
}

/** Trains whatever a cell needs, and evaluates it where its own evaluation is wanted. */
async function finish(
  place: Place,
  provide: () => Promise<string>,
  said: string,
  output: Output,
): Promise<ViewedCell | FinishedCell> {
  const { plan, cell, seed, runs } = place;
  if (cell.rival?.by === "transformation") {
    await provide();
    return await readTrained(runs, cell, seed);
  }
  const overrides = overridesOf(cell);
  if (cell.rival?.by === "target") {
    // An O that is trained otherwise is the cell's own.
    const from = cell.rival.finetuned ? await provide() : undefined;
    const { targetSteps: steps, ...rest } = plan.options;
    const options = { ...rest, runs, steps, targetWeights: undefined };
    overrides.push(...settingOverride("target.train.from", from));
    await runCell(place, { stage: "train-target", options, overrides, said }, output);
    return await readTrained(runs, cell, seed);
  }
  const known = await readFinished(runs, cell, seed);
  if (known) return known;
  const options = { ...plan.options, runs, targetWeights: await provide(), targetSteps: undefined };
  await runCell(place, { stage: "train", options, overrides, said }, output, async (run, own) => {
    await evaluateAndSave(run, options, own);
    await writeReport(run.store, own.interruption);
  });
  return (await readFinished(runs, cell, seed))!;
}

/** Begins a cell's run or goes on with it, up to a stage, and does what follows. */
async function runCell(
  { plan, seed }: Place,
  { stage, options, overrides, said }: {
    readonly stage: "train" | "train-target";
    readonly options: TrainOptions;
    readonly overrides: readonly Override[];
    readonly said: string;
  },
  output: Output,
  then: (run: OpenRun, own: Output) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  output.note(said);
  await output.interruption.check();
  using run = await openCell(plan, seed, options, stage, output, overrides);
  const own = new Output(false, output.interruption);
  await runStages(run, options, own, stage);
  await own.interruption.check();
  await then(run, own);
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
  using run = await openCell(plan, seed, options, "train-target", output);
  const last = train.attackCache > 0 && options.cache !== NO_CACHE ? "attack" : "train-target";
  await runStages(run, options, new Output(false, output.interruption), last);
  if (given) return target.weights;
  return (await run.store.checkpoints.final("train-target"))!.path;
}

/** The second network of a seed: of the run or file that is named, or trained once. */
async function provideSecond(
  plan: GridPlan,
  seed: number,
  folder: string,
  output: Output,
): Promise<NamedTarget> {
  const { preset, options } = plan;
  const second = plan.second!;
  const naming = {
    ...{ role: "the second network", option: "--second-architecture", preset },
    warn: output.warn,
  };
  if ("word" in second) {
    const { word, architecture } = second;
    return await findTarget(word, { ...naming, architecture, runs: options.runs });
  }
  const { target } = second;
  output.note(`\nsecond network, ${target.architecture}, seed ${seed}`);
  const { backend, device, threads, data, cache, plugin, targetSteps: steps } = options;
  const runs = join(folder, `second-${target.architecture}`);
  const own = { backend, device, threads, data, cache, plugin, runs, steps };
  const overrides = [
    ...settingOverride("target.architecture", target.architecture),
    ...settingOverride("target.size", target.size?.join("x")),
    ...settingOverride("target.weights", ""),
  ];
  using run = await openCell(plan, seed, own, "train-target", output, overrides);
  await runStages(run, own, new Output(false, output.interruption), "train-target");
  return await findTarget("latest", { ...naming, architecture: undefined, runs });
}
