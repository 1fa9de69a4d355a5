/**
 * The whole step in half precision, beside PyTorch's autocast; both sides in float32 too.
 *
 * @module
 */
import { alternate } from "../alternate.ts";
import { compareTerms, type Terms, type TermsAgreement } from "../agreement.ts";
import { groupOf, OURS } from "../result.ts";
import { type Bench, repetitions, Team, toMilliseconds } from "../team.ts";
import { changed } from "./scaling.ts";

/** Channels of G's first layer: with few, little is multiplied. */
const WIDTH = 64;

/** Ours in float32. */
const WHOLE = `${OURS}, float32`;

/** A sum of many products in bfloat16, eight bits each; PyTorch's losses multiply in it too. */
const TOLERANCE = [5e-2, 5e-2] as const;

/** A step's losses in bfloat16 on every side, from the same weights on. */
async function agree(team: Team): Promise<Record<string, TermsAgreement>> {
  const request = { do: "terms", steps: 1, precision: "bfloat16" } as const;
  const ours = await team.ours.ask<Terms[]>(request);
  const agreement: Record<string, TermsAgreement> = {};
  for (const [mode, side] of team.peers) {
    const name = `torch ${mode}, autocast`;
    try {
      agreement[name] = compareTerms(name, ours, await side.ask<Terms[]>(request), TOLERANCE);
    } catch (error) {
      // A peer that cannot run is left out; one that computes something else ends the bench.
      if (!/failed to terms/.test(String(error))) throw error;
    }
  }
  return agreement;
}

/** The step of the preset's method at {@linkcode WIDTH}, in both precisions on every side. */
export const bfloat16: Bench = {
  title: "full step in bfloat16, same arithmetic",
  async run(context) {
    const preset = changed(context.preset, "width", WIDTH);
    await using team = await Team.open(context, { preset });
    const agreement = await agree(team);
    const half = { work: "step", precision: "bfloat16" } as const;
    const whole = { work: "step", precision: "float32" } as const;
    const contenders = [
      await team.prepare(OURS, team.ours, half),
      await team.prepare(WHOLE, team.ours, whole),
    ];
    for (const [mode, side] of team.peers) {
      contenders.push(await team.prepare(`torch ${mode}, autocast`, side, half));
      contenders.push(await team.prepare(`torch ${mode}`, side, whole));
    }
    const all = contenders.filter((contender) => contender !== undefined);
    const rounds = await alternate(all, repetitions(context, 7, 1));
    return {
      groups: [groupOf("step", toMilliseconds(rounds), { aim: 1, aside: [WHOLE] })],
      agreement,
      failed: team.failed,
      settings: {
        batchSize: preset.train.batchSize,
        generator: preset.generator,
        ours: `${OURS} is in bfloat16`,
      },
      versions: team.versions,
    };
  },
};
