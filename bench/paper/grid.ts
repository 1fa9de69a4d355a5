/**
 * A grid of runs: for each seed one target network and one set of adversarial images, shared by a run
 * for every cell; where a table asks for it, one network of the second architecture, which is attacked in
 * place of O or put behind G. What is finished is kept, what was stopped goes on; tables that differ only in
 * how runs are evaluated share their runs.
 *
 * @module
 */
import {
  type Evaluation,
  type OtherTarget,
  type Preset,
  presetOn,
  withOwnTargets,
} from "@realign/core";
import { join } from "node:path";
import { evaluateAndSave } from "../../cli/commands/evaluate_and_save.ts";
import { writeReport } from "../../cli/commands/report.ts";
import { beginRun, runStages, type TrainOptions } from "../../cli/commands/train.ts";
import { VERSION } from "../../cli/system/environment.ts";
import { NO_CACHE } from "../../cli/runs/cache_key.ts";
import { parseEvaluation, readEvaluation } from "../../cli/runs/evaluation_file.ts";
import { listFiles, readJson, readWhole, sha256 } from "../../cli/system/safe_file.ts";
import { findTarget, type NamedTarget, NO_SUBSTITUTE } from "../../cli/commands/named_target.ts";
import { type OpenRun, resumeRun } from "../../cli/commands/open_run.ts";
import { settingOverride } from "../../cli/commands/options.ts";
import { substituteName, withSubstitutes } from "../../cli/presets/with_substitute.ts";
import { Output } from "../../cli/terminal/output.ts";
import { RunStore } from "../../cli/runs/run_store.ts";
import type { Override } from "../../cli/presets/overrides.ts";
import { type Cell, overridesOf } from "./cells.ts";
import type { TableKind } from "./kinds.ts";

/** What a grid is made from. */
export interface GridPlan {
  /** The preset's name. */
  readonly name: string;
  /** The preset with all that the command line changed; its seed is the first. */
  readonly preset: Preset;
  readonly overrides: readonly Override[];
  /** The table that is filled. */
  readonly kind: TableKind;
  /** The second architecture, or the run or file that has it; only for tables that use it beside O. */
  readonly second?: Second;
  readonly cells: readonly Cell[];
  readonly seeds: readonly number[];
  /** Names the code of its plugin. */
  readonly code: string | undefined;
  /** As of `train`; `runs` is the folder that the grid's own folder is in. */
  readonly options: TrainOptions;
}

/** A network besides O: trained for each seed unless a run or file is named. */
export type Second =
  | { readonly target: Omit<OtherTarget, "weights"> & { readonly architecture: string } }
  | {
    /** A run, or a safetensors file. */
    readonly word: string;
    /** The file's, if it does not say so. */
    readonly architecture: string | undefined;
  };

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
    for (const cell of plan.cells) {
      done++;
      const runs = join(folder, cell.name);
      const known = await readFinished(runs, cell, seed);
      if (known) {
        yield await viewed(plan, known, folder, second, output);
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
      yield await viewed(plan, (await readFinished(runs, cell, seed))!, folder, second, output);
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
  using run = await open(plan, seed, own, "train-target", output, overrides);
  await runStages(run, own, new Output(false, output.interruption), "train-target");
  return await findTarget("latest", { ...naming, architecture: undefined, runs });
}

/** A cell's figures as the table wants them: of its run, or of its run evaluated otherwise. */
async function viewed(
  { kind: { view }, options }: GridPlan,
  cell: FinishedCell,
  folder: string,
  second: NamedTarget | undefined,
  output: Output,
): Promise<FinishedCell> {
  if (view === "own" || !second) return cell;
  const digest = sha256(await readWhole(second.weights)).slice(0, 8);
  const out = join(folder, `${view}-${second.architecture}-${digest}`, cell.cell.name);
  const known = await readViewed(out);
  if (known) return { ...cell, evaluation: known };
  await output.interruption.check();
  output.note(`\n${cell.cell.name}, seed ${cell.seed}: ${view}, ${second.architecture}`);
  const own = new Output(false, output.interruption);
  const { backend, device, threads, data, cache, plugin } = options;
  const runs = join(folder, cell.cell.name);
  const kept = { backend, device, threads, runs, data, cache, plugin };
  using run = await resumeRun("latest", kept, { overrides: [] }, own, {
    adjust: (preset) => view === "moved" ? movedTo(preset, second) : attackedFrom(preset, second),
    training: false,
    out,
    otherTarget: view === "moved",
  });
  const target = view === "moved" ? second.weights : undefined;
  const evaluation = await evaluateAndSave(run, { ...kept, target }, own);
  return { ...cell, evaluation };
}

const movedTo = (preset: Preset, second: NamedTarget): Preset =>
  presetOn(withOwnTargets(preset), second);

/** Only attacks on the substitute: those on O are the run's own. */
function attackedFrom(preset: Preset, second: NamedTarget): Preset {
  const { threatModels, ...evaluation } = withSubstitutes(preset.evaluation, {
    [substituteName(second.architecture)]: second,
  });
  const { transfer } = threatModels;
  return { ...preset, evaluation: { ...evaluation, threatModels: { transfer } } };
}

/** The one evaluation in a folder of results. */
async function readViewed(out: string): Promise<Evaluation | undefined> {
  const name = (await listFiles(out)).find((name) => /^evaluation(-on-.*)?\.json$/.test(name));
  return name === undefined ? undefined : parseEvaluation(await readJson(join(out, name)), name);
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

async function readFinished(
  runs: string,
  cell: Cell,
  seed: number,
): Promise<FinishedCell | undefined> {
  if (!await hasRun(runs)) return undefined;
  using store = await RunStore.read(runs, "latest", () => {});
  const evaluation = await readEvaluation(store, join(store.folder, "evaluation.json"));
  if (evaluation === undefined) return undefined;
  return { cell, seed, run: store.id, evaluation, stages: store.record.stages };
}
