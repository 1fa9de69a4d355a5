/**
 * Figures of a cell that its run's own evaluation has not: attacks on a substitute, G in front of another O,
 * another defense than G.
 *
 * @module
 */
import { type Preset, presetOn, withOwnTargets } from "@realign/core";
import { basename, join } from "node:path";
import { evaluateAndSave } from "../../cli/commands/evaluate_and_save.ts";
import type { NamedTarget } from "../../cli/commands/named_target.ts";
import { resumeRun } from "../../cli/commands/open_run.ts";
import { withChosenSuite } from "../../cli/presets/choose_suite.ts";
import { substituteName, withSubstitutes } from "../../cli/presets/with_substitute.ts";
import { parseEvaluation } from "../../cli/runs/evaluation_file.ts";
import { RunStore } from "../../cli/runs/run_store.ts";
import { listFiles, readJson, readWhole, sha256 } from "../../cli/system/safe_file.ts";
import { Output } from "../../cli/terminal/output.ts";
import { runsOf } from "./cell_runs.ts";
import type { Cell } from "./cells.ts";
import { readExample } from "./example.ts";
import type { TableKind, View } from "./kinds.ts";
import type { Transformed } from "./rivals.ts";
import type { FinishedCell, GridPlan, ViewedCell } from "./plan.ts";

/** Whether a run's own evaluation has not the figures that a table wants of a cell. */
export function needsView({ view, suite }: TableKind, { rival }: Cell): boolean {
  return view !== "own" || suite !== undefined || rival !== undefined && rival.by !== "recipe";
}

/** SHA-256 of a network's file: of its weights, or of a model that has them inside. */
async function digestOf({ weights, architecture }: NamedTarget): Promise<string> {
  return sha256(await readWhole(weights === "" ? architecture : weights));
}

/**
 * Evaluates a cell's run as a table wants it: once, then it is read.
 *
 * @param plan The grid's
 * @param cell Whose run is finished
 * @param folder Of all runs of the seed
 * @param second The second network, if the table uses one beside O
 * @param output Told of progress
 */
export async function viewed(
  { kind: { view, suite }, examples, options }: GridPlan,
  cell: ViewedCell,
  folder: string,
  second: NamedTarget | undefined,
  output: Output,
): Promise<FinishedCell> {
  const place = [
    view,
    ...second ? [basename(second.architecture), (await digestOf(second)).slice(0, 8)] : [],
    ...suite === undefined ? [] : [suite],
    ...examples === undefined ? [] : [examples],
  ].join("-");
  const out = join(folder, place, cell.cell.name);
  const known = await readViewed(cell, folder, out);
  if (known) return known;
  await output.interruption.check();
  output.note(`\n${cell.cell.name}, seed ${cell.seed}: ${place}`);
  const own = new Output(false, output.interruption);
  const { backend, device, threads, data, cache, plugin } = options;
  const kept = { backend, device, threads, runs: runsOf(folder, cell.cell), data, cache, plugin };
  using run = await resumeRun("latest", kept, { overrides: [] }, own, {
    adjust: (preset, plugin) => {
      const own = adjusted(preset, cell.cell, view, second);
      const { evaluation } = own;
      const few = examples === undefined
        ? own
        : { ...own, evaluation: { ...evaluation, examples } };
      return withChosenSuite(few, plugin, { suite });
    },
    training: false,
    out,
    otherTarget: view === "moved",
  });
  const target = view === "moved" ? second?.weights : undefined;
  await evaluateAndSave(run, { ...kept, target }, own);
  return (await readViewed(cell, folder, out))!;
}

/** The preset by which a cell is evaluated. */
function adjusted(
  preset: Preset,
  { name, rival }: Cell,
  view: View,
  second: NamedTarget | undefined,
): Preset {
  const own = rival?.by === "transformation"
    ? behind(preset, name, rival.defenses)
    : rival?.by === "target"
    ? aloneOf(preset)
    : preset;
  if (!second || view === "own") return own;
  return view === "moved" ? presetOn(withOwnTargets(own), second) : attackedFrom(own, second);
}

/** O alone, under everything: an attack on it knows all there is to know. */
function aloneOf(preset: Preset): Preset {
  const { threatModels: { oblivious, whitebox }, ...evaluation } = preset.evaluation;
  const attacks = { ...oblivious?.attacks, ...whitebox?.attacks };
  const threatModels = { oblivious: { ...oblivious, attacks } };
  return { ...preset, evaluation: { ...evaluation, systems: {}, threatModels } };
}

/** O behind defenses that are not trained. */
function behind(preset: Preset, name: string, defenses: Transformed["defenses"]): Preset {
  const { threatModels: { whitebox, ...others }, ...evaluation } = preset.evaluation;
  const threatModels = {
    ...others,
    ...(whitebox && { whitebox: { ...whitebox, systems: [name] } }),
  };
  return {
    ...preset,
    evaluation: { ...evaluation, systems: { [name]: { defenses } }, threatModels },
  };
}

/** Only attacks on the substitute: those on O are the run's own. */
function attackedFrom(preset: Preset, second: NamedTarget): Preset {
  const { threatModels, ...evaluation } = withSubstitutes(preset.evaluation, {
    [substituteName(basename(second.architecture))]: second,
  });
  const { transfer } = threatModels;
  return { ...preset, evaluation: { ...evaluation, threatModels: { transfer } } };
}

/** The one evaluation in a folder of a cell's results, and its picture. */
async function readViewed(
  cell: ViewedCell,
  folder: string,
  out: string,
): Promise<FinishedCell | undefined> {
  const name = (await listFiles(out)).find((name) => /^evaluation(-on-.*)?\.json$/.test(name));
  if (name === undefined) return undefined;
  using store = await RunStore.read(runsOf(folder, cell.cell), "latest", () => {}, out);
  const evaluation = parseEvaluation(await readJson(join(out, name)), name);
  // In front of another target no pictures are made: those that the store has are of the run's own.
  const example = name === "evaluation.json" ? await readExample(store) : undefined;
  return { ...cell, evaluation, example };
}
