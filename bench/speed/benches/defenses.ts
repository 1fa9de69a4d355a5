/**
 * What each defense of the paper's comparison costs: training, restoring, memory.
 *
 * @module
 */
import classification from "@realign/classification";
import { countSteps, type Preset } from "@realign/core";
import { openSplit } from "../../../cli/stages/open_split.ts";
import { applyOverrides } from "../../../cli/presets/overrides.ts";
import { type Rival, RIVALS } from "../../paper/rivals.ts";
import { valueOverrides } from "../../paper/value_cells.ts";
import { type DefenseFacts, GROUPS } from "../defense_costs.ts";
import { groupOf, OURS } from "../result.ts";
import { spreadOf } from "../statistics.ts";
import {
  type Bench,
  type BenchBody,
  type BenchContext,
  makeProblem,
  type SharedProblem,
  Team,
} from "../team.ts";

/** G first: all others are compared with it. */
const COMPARED: Readonly<Record<string, Rival>> = {
  [OURS]: { by: "recipe", change: { title: "Realign", values: {} } },
  ...RIVALS,
};

/** Images restored at a time where as many as in an evaluation take minutes. */
const FEW: Readonly<Record<string, number>> = { "defense-gan": 4 };

/** Runs of a process after the two that warm up; their median counts. */
const RUNS = 5;

/** What a process does over and over. */
interface Job {
  readonly time: string;
  readonly memory: string;
  readonly preset: Preset;
  readonly request: { readonly work: string; readonly [key: string]: unknown };
  /** What the time of a run is divided by. */
  readonly parts: number;
}

/**
 * Each process trains one defense, or restores images by it, and does nothing else; defenses take turns, all once a
 * round, on the same drawn shapes and random weights. Peak memory is that of the whole process, which holds O, G, D and Φ
 * whatever the defense.
 *
 * A step of G or of a rival's restorer gets its adversarial images ready-made: making those of the attack cache comes on
 * top, and is the same for all that need any. An adversarially trained O makes its own in every step, which is counted.
 * It restores nothing; what O itself takes for an image is not counted anywhere, and neither is taking patches for
 * quilting, nor a G to start from.
 */
export const defenses: Bench = {
  title: "training, restoring and memory of each defense",
  hasPeers: false,
  run: (context) => measureDefenses(context, Object.keys(COMPARED)),
};

/** The same for some of them, by name. */
export async function measureDefenses(
  context: BenchContext,
  names: readonly string[],
): Promise<BenchBody> {
  const { preset, quick } = context;
  const count = quick ? 1 : 3;
  const images = await countImages(context);
  const problem = await makeProblem(context, { preset, pool: preset.evaluation.batchSize });
  const found: Record<string, Record<string, number[]>> = {};
  const facts: Record<string, DefenseFacts> = {};
  let versions = {};
  for (let round = 1; round <= count; round++) {
    for (const name of names) {
      context.notify(`round ${round} of ${count}: ${name}`);
      const { jobs, known } = defenseOf(name, preset, images);
      facts[name] ??= known;
      for (const job of jobs) {
        const measured = await measure(context, problem, job);
        versions = measured.versions;
        const { parameters } = measured;
        if (parameters !== undefined) facts[name] = { ...facts[name], parameters };
        const values = { [job.time]: measured.milliseconds, [job.memory]: measured.peak };
        for (const [group, value] of Object.entries(values)) {
          if (value !== undefined) ((found[group] ??= {})[name] ??= []).push(value);
        }
      }
    }
  }
  // None is a peer.
  const aside = names.filter((name) => name !== OURS);
  const groups = Object.values(GROUPS).filter((group) => group in found).map((group) => {
    const unit = group === GROUPS.step || group === GROUPS.image ? "ms" : "MiB";
    return groupOf(group, found[group], { unit, aside });
  });
  return { groups, settings: { runs: RUNS, trainingImages: images, defenses: facts }, versions };
}

/** The number of training images, where data or the preset tell it. */
async function countImages({ preset, data }: BenchContext): Promise<number | undefined> {
  const { trainExamples } = preset.dataset;
  if (data === undefined) return trainExamples || undefined;
  return (await openSplit(preset, classification, "train", trainExamples, data)).length;
}

/** What is measured of a defense, and what is known before. */
function defenseOf(
  name: string,
  preset: Preset,
  length: number | undefined,
): { readonly jobs: readonly Job[]; readonly known: DefenseFacts } {
  const rival = COMPARED[name];
  const images = FEW[name] ?? preset.evaluation.batchSize;
  const restoring = { time: GROUPS.image, memory: GROUPS.restoring, parts: images };
  if (rival.by === "transformation") {
    const { title, defenses } = rival;
    const request = { work: "restore", images, defenses };
    return {
      jobs: [{ ...restoring, preset, request }],
      known: { title, images, options: defenses },
    };
  }
  const changed = applyOverrides(preset, valueOverrides(rival.change), classification);
  const isTarget = rival.by === "target";
  const { batchSize, epochs } = isTarget ? changed.target.train : changed.train;
  const steps = length === undefined
    ? undefined
    : countSteps({ ...changed.dataset, split: "train", length }, batchSize, epochs).totalSteps;
  const training: Job = {
    time: GROUPS.step,
    memory: GROUPS.training,
    preset: changed,
    request: { work: isTarget ? "target" : "restorer" },
    parts: 1,
  };
  const known = { title: rival.change.title, batchSize, steps, options: changed.recipe };
  if (isTarget) return { jobs: [training], known };
  const request = { work: "restore", images };
  const jobs = [training, { ...restoring, preset: changed, request }];
  return { jobs, known: { ...known, images } };
}

/** One job in a process of its own. */
async function measure(
  context: BenchContext,
  problem: SharedProblem,
  { time, preset, request, parts }: Job,
) {
  await using team = await Team.open(context, { preset, problem, modes: [] });
  const { ours, versions } = team;
  const contender = await team.prepare(OURS, ours, request);
  const { median } = spreadOf(await contender!.run(context.quick ? 1 : RUNS));
  const peak = await ours.peakMemory();
  const parameters = time === GROUPS.step
    ? await ours.ask<number>({ do: "parameters", of: request.work })
    : undefined;
  return { milliseconds: 1000 * median / parts, peak, parameters, versions };
}
