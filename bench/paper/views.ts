/**
 * Figures of a cell that its own evaluation has not: attacks on a substitute, G in front of another O.
 *
 * @module
 */
import { type Evaluation, type Preset, presetOn, withOwnTargets } from "@realign/core";
import { join } from "node:path";
import { evaluateAndSave } from "../../cli/commands/evaluate_and_save.ts";
import type { NamedTarget } from "../../cli/commands/named_target.ts";
import { resumeRun } from "../../cli/commands/open_run.ts";
import { substituteName, withSubstitutes } from "../../cli/presets/with_substitute.ts";
import { parseEvaluation } from "../../cli/runs/evaluation_file.ts";
import { listFiles, readJson, readWhole, sha256 } from "../../cli/system/safe_file.ts";
import { Output } from "../../cli/terminal/output.ts";
import type { FinishedCell, GridPlan } from "./plan.ts";

/** A cell's figures as the table wants them: of its run, or of its run evaluated otherwise. */
export async function viewed(
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
