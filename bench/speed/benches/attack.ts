/**
 * PGD-20 on the same network: ours, foolbox, torchattacks.
 *
 * @module
 */
import type { AttackSettings } from "@realign/core/attacks";
import { alternate, type Contender } from "../alternate.ts";
import { compareRobustness, type Robustness } from "../agreement.ts";
import { groupOf, OURS } from "../result.ts";
import { type Bench, repetitions, Team, toMilliseconds } from "../team.ts";

/** Libraries, and a loop by hand that only does what it must. */
const KINDS = ["foolbox", "torchattacks", "by hand"];

/** Accuracies under attack may differ by so much; random starts differ, and so does rounding. */
const TOLERANCE = { none: 0.02, uniform: 0.05 } as const;

/** Shares of epsilon at which accuracies are compared: at the whole of it none may be left. */
const SHARES = [0.1, 0.25, 1];

/** Images a second under PGD with 20 steps. */
export const attack: Bench = {
  title: "PGD-20",
  async run(context) {
    const { preset, quick } = context;
    const pool = quick ? 32 : 128;
    const targetSteps = quick ? 4 : 120;
    const settings = {
      ...preset.evaluation.threatModels.whitebox.attacks["pgd-20"],
      return: "last",
      randomStart: "uniform",
    } as const;
    await using team = await Team.open(context, { preset, pool, targetSteps });
    const agreement = await agree(team, settings);
    const ours = await team.prepare(OURS, team.ours, { work: "attack", attack: settings });
    const contenders: (Contender | undefined)[] = [ours];
    for (const [mode, side] of team.peers) {
      for (const kind of KINDS) {
        const request = { work: "attack", kind, attack: settings };
        contenders.push(await team.prepare(labelOf(kind, mode), side, request));
      }
    }
    const able = contenders.filter((contender) => contender !== undefined);
    const rounds = await alternate(able, repetitions(context, 7, 1));
    const aside = [...team.peers.keys()].map((mode) => labelOf("by hand", mode));
    return {
      groups: [groupOf(`${pool} images`, toMilliseconds(rounds), { aim: 1.3, aside })],
      agreement,
      failed: team.failed,
      settings: { images: pool, attack: settings, targetSteps },
      versions: team.versions,
    };
  },
};

function labelOf(kind: string, mode: string): string {
  return `${kind}, torch ${mode}`;
}

/** Accuracies under attack on all sides, with and without a random start. */
async function agree(team: Team, settings: AttackSettings): Promise<unknown[]> {
  const eager = team.peers.get("eager");
  const compared: unknown[] = [];
  for (const randomStart of ["none", "uniform"] as const) {
    for (const share of SHARES) {
      const own = {
        ...settings,
        randomStart,
        epsilon: share * settings.epsilon,
        stepSize: share * (settings.stepSize as number),
      };
      const ours = await team.ours.ask<Robustness>({ do: "robustness", attack: own });
      const accuracies: Record<string, number> = { [OURS]: ours.value };
      for (const kind of eager ? KINDS : []) {
        const request = { do: "robustness", kind, attack: own };
        const theirs = await eager!.ask<Robustness>(request);
        const limits = { tolerance: TOLERANCE[randomStart], epsilon: own.epsilon };
        compareRobustness(kind, ours, theirs, limits);
        accuracies[kind] = theirs.value;
      }
      compared.push({ randomStart, epsilon: own.epsilon, accuracies });
    }
  }
  return compared;
}
