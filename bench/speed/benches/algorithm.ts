/**
 * Algorithm 1 from clean images to a trained G: as printed, and as Realign runs it.
 *
 * @module
 */
import { alternate } from "../alternate.ts";
import { groupOf } from "../result.ts";
import { type Bench, repetitions, Team, toMilliseconds } from "../team.ts";

/** Batches of the pool: a small training set, gone through as often as the preset says. */
const BATCHES = 4;

/**
 * Peers attack every batch in every step. Ours makes as many passes of adversarial images as the preset
 * keeps, for the whole pool, then trains on them; it also flips and crops, which peers need not.
 */
export const algorithm: Bench = {
  title: "Algorithm 1 end to end: attack in every step vs. attack cache",
  async run(context) {
    const { preset, quick } = context;
    const epochs = quick ? 2 : preset.train.epochs;
    const pool = BATCHES * preset.train.batchSize;
    await using team = await Team.open(context, { preset, pool });
    const contenders = await team.prepareAll("algorithm", { epochs });
    const rounds = await alternate(contenders, repetitions(context, 3, 1));
    return {
      groups: [groupOf(`${epochs} epochs`, toMilliseconds(rounds), { aim: 2 })],
      failed: team.failed,
      settings: { epochs, images: pool, passes: preset.train.attackCache, attack: preset.attack },
      versions: team.versions,
    };
  },
};
