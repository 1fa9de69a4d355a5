/**
 * What each defense of the paper's comparison costs: training, restoring, memory.
 *
 * @module
 */
import type { Preset } from "@realign/core";
import { openSplit } from "../../../cli/stages/open_split.ts";
import { type DefenseFacts, GROUPS } from "../defense_costs.ts";
import { comparedWith, type Job, planOf } from "../defense_jobs.ts";
import { pluginOf } from "../plugins.ts";
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

/** Runs of a process after the two that warm up, whose median counts; one alone if it takes longer than `LONG`. */
const RUNS = 5;
/** In seconds. */
const LONG = 5;

/**
 * Each process trains one defense, or restores images by it, and does nothing else; defenses take turns, all once a
 * round, on the same drawn shapes and random weights. Peak memory is that of the whole process, which holds O, G, D and Φ
 * whatever the defense. With `quick`, batches are tiny.
 *
 * A step of G or of a rival's restorer gets its adversarial images ready-made: making those of the attack cache comes on
 * top, and is the same for all that need any. An adversarially trained O makes its own in every step, which is counted.
 * It restores nothing; what O itself takes for an image is not counted anywhere, and neither is taking patches for
 * quilting, nor a G to start from.
 */
export const defenses: Bench = {
  title: "training, restoring and memory of each defense",
  hasPeers: false,
  run: (context) => measureDefenses(context, comparedWith(context.preset)),
};

/** The same for some of them, by name. */
export async function measureDefenses(
  context: BenchContext,
  names: readonly string[],
): Promise<BenchBody> {
  const { quick } = context;
  const preset = quick ? withFewImages(context.preset) : context.preset;
  const count = quick ? 1 : 3;
  const images = await countImages(context);
  const problem = await makeProblem(context, { preset, pool: preset.evaluation.batchSize });
  const found: Record<string, Record<string, number[]>> = {};
  const facts: Record<string, DefenseFacts> = {};
  let versions = {};
  for (let round = 1; round <= count; round++) {
    for (const name of names) {
      context.notify(`round ${round} of ${count}: ${name}`);
      const { jobs, known } = planOf(name, preset, images);
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

/** Batches so small that the largest rivals are through in seconds. */
function withFewImages(preset: Preset): Preset {
  const { target, train, evaluation } = preset;
  return {
    ...preset,
    target: { ...target, train: { ...target.train, batchSize: 4 } },
    train: { ...train, batchSize: 2 },
    evaluation: { ...evaluation, batchSize: 2 },
  };
}

/** The number of training images, where data or the preset tell it. */
async function countImages({ preset, data }: BenchContext): Promise<number | undefined> {
  const { trainExamples } = preset.dataset;
  if (data === undefined) return trainExamples || undefined;
  return (await openSplit(preset, pluginOf(preset), "train", trainExamples, data)).length;
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
  const seconds = [...await contender!.run(1)];
  if (!context.quick && seconds[0] < LONG) seconds.push(...await contender!.run(RUNS - 1));
  const { median } = spreadOf(seconds);
  const peak = await ours.peakMemory();
  const parameters = time === GROUPS.step
    ? await ours.ask<number>({ do: "parameters", of: request.work })
    : undefined;
  return { milliseconds: 1000 * median / parts, peak, parameters, versions };
}
