/**
 * What each stage of a run takes, for one batch.
 *
 * @module
 */
import { alternate } from "../alternate.ts";
import { type BenchGroup, groupOf, OURS } from "../result.ts";
import { type Bench, repetitions, Team, toMilliseconds } from "../team.ts";

/** Stages that PyTorch has too, then those that it has not. */
const SHARED = {
  "train the target, a step": "target",
  "attack a batch (PGD-KL)": "perturb",
  "train G and D, a step": "step",
  "restore a batch": "restore",
} as const;

const OWN = {
  "read and augment a batch": "read",
  "look a batch up in the attack cache": "look up",
  "write a checkpoint": "checkpoint",
} as const;

/** Milliseconds of a batch in every stage. */
export const stages: Bench = {
  title: "time per batch of each stage",
  async run(context) {
    const { preset } = context;
    await using team = await Team.open(context, { preset, modes: ["eager"] });
    const groups: BenchGroup[] = [];
    const repeat = repetitions(context, 7, 3);
    for (const [name, work] of Object.entries(SHARED)) {
      const settings = work === "perturb" ? { attack: preset.attack } : {};
      const contenders = await team.prepareAll(work, settings, { once: work === "step" });
      groups.push(groupOf(name, toMilliseconds(await alternate(contenders, repeat))));
    }
    for (const [name, work] of Object.entries(OWN)) {
      const contender = await team.prepare(OURS, team.ours, { work });
      groups.push(groupOf(name, toMilliseconds(await alternate([contender!], repeat))));
    }
    return {
      groups,
      failed: team.failed,
      settings: { batchSize: preset.train.batchSize, target: preset.target.train.batchSize },
      versions: team.versions,
    };
  },
};
