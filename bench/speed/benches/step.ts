/**
 * The whole step of training G and D.
 *
 * @module
 */
import { alternate } from "../alternate.ts";
import { compareTerms, type Terms, type TermsAgreement } from "../agreement.ts";
import { groupOf, OURS } from "../result.ts";
import { type Bench, repetitions, Team, toMilliseconds } from "../team.ts";

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

/** The same arithmetic on both sides: O on x^c, and D once for each half-step. */
export const step: Bench = {
  title: "whole step, same arithmetic",
  async run(context) {
    const { preset } = context;
    await using team = await Team.open(context, { preset });
    const agreement = await agree(team, false);
    const contenders = await team.prepareAll("step");
    const rounds = await alternate(contenders, repetitions(context, 15, 3));
    return {
      groups: [groupOf("step", toMilliseconds(rounds), { aim: 1.1 })],
      agreement,
      failed: team.failed,
      settings: { batchSize: preset.train.batchSize },
      versions: team.versions,
    };
  },
};

/** As training runs it here: z^c comes from the cache, and D's pass is shared by the half-steps. */
export const stepOnce: Bench = {
  title: "whole step, nothing computed twice on our side",
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
