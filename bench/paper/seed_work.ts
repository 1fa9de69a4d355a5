/**
 * The work of one seed of a grid: its O, its second network, its cells, each done by one process at a time.
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
import { Claim, type Claims } from "../../cli/runs/claims.ts";
import { RunInUse } from "../../cli/runs/run_lock.ts";
import { Output } from "../../cli/terminal/output.ts";
import { isTrained, openCell, readFinished, readTrained, runsOf, TARGET } from "./cell_runs.ts";
import { type Cell, overridesOf } from "./cells.ts";
import type { FinishedCell, GridPlan, ViewedCell } from "./plan.ts";
import { needsView, viewed } from "./views.ts";

/** What a seed's work is made from. */
export interface SeedParts {
  readonly plan: GridPlan;
  readonly seed: number;
  /** Of all its runs. */
  readonly folder: string;
  readonly claims: Claims;
  /** Told of progress. */
  readonly output: Output;
}

/** Why a cell is left to others. */
export interface LeftCell {
  /** Who has it, or what it needs. */
  readonly holder: string;
}

/** Another process has what is needed. */
class Held extends Error {}

/** Milliseconds until a run that somebody uses outside of the grid is tried again. */
const LATER = 60_000;

/** A seed's work, as far as this process does it. */
export class SeedWork {
  readonly seed: number;
  readonly #parts: SeedParts;
  /** When runs in use are tried again. */
  readonly #later = new Map<string, number>();
  #target: string | undefined;
  #second: NamedTarget | undefined;

  /** @param parts The grid, the seed */
  constructor(parts: SeedParts) {
    this.seed = parts.seed;
    this.#parts = parts;
  }

  /**
   * Does what is missing of a cell, unless another process does it, or what it needs.
   *
   * @param cell The cell
   * @param said Told before it is begun
   */
  async attempt(cell: Cell, said: string): Promise<FinishedCell | LeftCell> {
    const { plan, seed, folder, output } = this.#parts;
    const isViewed = needsView(plan.kind, cell);
    const place = { plan, cell, seed, runs: runsOf(folder, cell), isViewed };
    const known = isViewed ? undefined : await readFinished(place.runs, cell, seed);
    if (known) return known;
    try {
      // What all cells need is made first: meanwhile none is held.
      if (needsTarget(cell)) await this.#provide();
      if (plan.second) this.#second ??= await this.#openSecond();
      return await this.#alone(cell.name, async () => {
        const finished = await finish(place, () => this.#provide(), said, output);
        return isViewed
          ? await viewed(plan, finished, folder, this.#second, output)
          : finished as FinishedCell;
      });
    } catch (error) {
      if (error instanceof Held) return { holder: error.message };
      throw error;
    }
  }

  /** The file of O's weights. */
  async #provide(): Promise<string> {
    const { plan, seed, folder, output } = this.#parts;
    const make = () => provideTarget(plan, seed, join(folder, TARGET), output);
    return this.#target ??= await this.#alone(TARGET, make);
  }

  async #openSecond(): Promise<NamedTarget> {
    const { plan, seed, folder, output } = this.#parts;
    const make = () => provideSecond(plan, seed, folder, output);
    return "word" in plan.second! ? await make() : await this.#alone("second", make);
  }

  /** Works while no other process does. Throws Held if one does. */
  async #alone<T>(piece: string, work: () => Promise<T>): Promise<T> {
    const name = `seed-${this.seed}-${piece}`;
    if (performance.now() < (this.#later.get(name) ?? 0)) throw new Held("its run is in use");
    const claim = await this.#parts.claims.take(name);
    if (!(claim instanceof Claim)) throw new Held(`process ${claim.process} on ${claim.host}`);
    using _claim = claim;
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof RunInUse)) throw error;
      this.#later.set(name, performance.now() + LATER);
      throw new Held(error.message);
    }
  }
}

/** Whether a cell needs the O of its seed. */
function needsTarget({ rival }: Cell): boolean {
  return rival?.by !== "target" || rival.finetuned === true;
}

/** A cell of a seed, and the folder of its run. */
interface Place {
  readonly plan: GridPlan;
  readonly cell: Cell;
  readonly seed: number;
  readonly runs: string;
  /** Whether the table wants other figures than the run's own. */
  readonly isViewed: boolean;
}

/** Trains whatever a cell needs, and evaluates it where the table wants that: other tables may later. */
async function finish(
  place: Place,
  provide: () => Promise<string>,
  said: string,
  output: Output,
): Promise<ViewedCell | FinishedCell> {
  const { plan, cell, seed, runs, isViewed } = place;
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
  if (isViewed && await isTrained(runs)) return await readTrained(runs, cell, seed);
  const options = { ...plan.options, runs, targetWeights: await provide(), targetSteps: undefined };
  await runCell(place, { stage: "train", options, overrides, said }, output, async (run, own) => {
    if (isViewed) return;
    await evaluateAndSave(run, options, own);
    await writeReport(run.store, own.interruption);
  });
  return isViewed ? await readTrained(runs, cell, seed) : (await readFinished(runs, cell, seed))!;
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
