/**
 * The whole step of training G and D.
 *
 * @module
 */
import { paperGenerator, paperNetworks, type Preset } from "@realign/core";
import { alternate } from "../alternate.ts";
import { compareTerms, type Terms, type TermsAgreement } from "../agreement.ts";
import { groupOf, OURS } from "../result.ts";
import { type Bench, repetitions, Team, toMilliseconds } from "../team.ts";
import { changed } from "./scaling.ts";

/** Steps whose losses are compared. */
const COMPARED = 3;

/** PyTorch, with z^c given and D run once for both half-steps by hand. */
const ONCE = "torch eager, once by hand";

/** Losses of every side from the same weights on. */
async function agree(team: Team, once: boolean): Promise<Record<string, TermsAgreement>> {
  const ours = await team.ours.ask<Terms[]>({ do: "terms", steps: COMPARED, once });
  const agreement: Record<string, TermsAgreement> = {};
  for (const [mode, side] of team.peers) {
    const name = `torch ${mode}`;
    try {
      const theirs = await side.ask<Terms[]>({ do: "terms", steps: COMPARED });
      agreement[name] = compareTerms(name, ours, theirs);
    } catch (error) {
      // A peer that cannot run is left out; one that computes something else ends the bench.
      if (!/failed to terms/.test(String(error))) throw error;
    }
  }
  return agreement;
}

/** A step with the same arithmetic on both sides: O on x^c, and D once for each half-step. */
function sameArithmetic(settings: {
  readonly title: string;
  readonly aim: number;
  readonly rounds: number;
  readonly presetOf: (preset: Preset) => Preset;
}): Bench {
  const { title, aim, rounds: count, presetOf } = settings;
  return {
    title,
    async run(context) {
      const preset = presetOf(context.preset);
      const { generator, discriminator, perceptual, train: { batchSize } } = preset;
      await using team = await Team.open(context, { preset });
      const agreement = await agree(team, false);
      const contenders = await team.prepareAll("step");
      const rounds = await alternate(contenders, repetitions(context, count, 3));
      return {
        groups: [groupOf("step", toMilliseconds(rounds), { aim })],
        agreement,
        failed: team.failed,
        settings: { batchSize, generator, discriminator, perceptual },
        versions: team.versions,
      };
    },
  };
}

/** The step of the preset. */
export const step: Bench = sameArithmetic({
  title: "full step, same arithmetic",
  aim: 1.1,
  rounds: 15,
  presetOf: (preset) => preset,
});

/**
 * The paper's networks for segmentation and detection at half of their width (VGG-16 at a quarter): four
 * downsamplings, nine blocks, instance norm; two pictures of 256x256, and the preset's target.
 */
export function at256(preset: Preset): Preset {
  const enlarged = changed(changed(preset, "image size", 256), "batch", 2);
  return {
    ...enlarged,
    generator: { ...enlarged.generator, ...paperGenerator, width: 32, downsamplings: 4 },
    discriminator: { ...paperNetworks.discriminator, width: 32 },
    perceptual: { ...paperNetworks.perceptual, width: 16 },
  };
}

/** The step at the size of pictures that segmentation and detection have. */
export const step256: Bench = sameArithmetic({
  title: "full step at 256x256, same arithmetic",
  aim: 1,
  rounds: 7,
  presetOf: at256,
});

/** As training runs it here: z^c comes from the cache, and D's pass is shared by the half-steps. */
export const stepOnce: Bench = {
  title: "full step, shared work reused",
  async run(context) {
    const { preset } = context;
    await using team = await Team.open(context, { preset });
    const agreement = await agree(team, true);
    const contenders = await team.prepareAll("step", {}, { once: true });
    const eager = team.peers.get("eager");
    const byHand = eager && await team.prepare(ONCE, eager, { work: "step", once: true });
    const all = byHand ? [...contenders, byHand] : contenders;
    const rounds = await alternate(all, repetitions(context, 15, 3));
    return {
      groups: [groupOf("step", toMilliseconds(rounds), { aim: 1.3, aside: [ONCE] })],
      agreement,
      failed: team.failed,
      settings: { batchSize: preset.train.batchSize, ours: `${OURS} is given z^c and runs D once` },
      versions: team.versions,
    };
  },
};
