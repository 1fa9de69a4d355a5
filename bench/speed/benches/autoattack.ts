/**
 * AutoAttack and its parts on the same network: ours and torchattacks'.
 *
 * @module
 */
import type { AttackSettings } from "@realign/core/attacks";
import { alternate } from "../alternate.ts";
import { compareRobustness, type Robustness } from "../agreement.ts";
import { groupOf, OURS } from "../result.ts";
import {
  type Bench,
  type BenchBody,
  type BenchContext,
  repetitions,
  Team,
  toMilliseconds,
} from "../team.ts";

const PEER = "torchattacks";
/** Accuracies may differ by so much; random starts and targets differ, and so does rounding. */
const TOLERANCE = 0.015;
const AIM = 1.3;

/** Numbers of steps are those of AutoAttack, but FAB's and Square's where they are on their own. */
function attacksOf(epsilon: number, quick: boolean): readonly AttackSettings[] {
  const steps = quick ? 5 : 100;
  const parts: AttackSettings[] = [
    { name: "apgd-ce", epsilon, steps },
    { name: "apgd-dlr", epsilon, steps },
    { name: "fab-t", epsilon, steps: quick ? 2 : 20 },
    { name: "square", epsilon, queries: quick ? 20 : 1000 },
  ];
  return quick ? parts : [...parts, { name: "autoattack", epsilon }];
}

/** What is left of accuracy, and how long it takes; times of APGD's steps beside those of PGD. */
export const autoattack: Bench = {
  title: "AutoAttack",
  run: (context) => measure({ ...context, data: undefined }),
};

/** The same on the preset's own pictures, and O with the preset's weights. */
export const autoattackOnData: Bench = {
  title: "AutoAttack on data",
  needsData: true,
  run: measure,
};

async function measure(context: BenchContext): Promise<BenchBody> {
  const { preset, quick, data } = context;
  const pool = quick ? 32 : 500;
  const targetSteps = quick ? 4 : 600;
  const options = { preset, pool, targetSteps, data, modes: ["eager"] as const };
  await using team = await Team.open(context, options);
  const { epsilon } = preset.attack;
  const attacks = attacksOf(epsilon, quick);
  const clean = await team.ours.ask<Robustness>({ do: "robustness", attack: still, given: "all" });
  const compared: Comparison[] = [];
  for (const attack of attacks) {
    context.notify(`${attack.name} on ${pool} images, ours and ${PEER}'`);
    compared.push(await compare(team, attack, quick));
  }
  const times = compared.map(({ attack, sides }) =>
    groupOf(`${attack}, ${pool} images`, {
      [OURS]: [1000 * sides[OURS].seconds],
      [PEER]: [1000 * sides[PEER].seconds],
    }, attack === "autoattack" ? { aim: AIM } : {})
  );
  const steps = await timeSteps(team, context, epsilon);
  return {
    groups: [...times, steps],
    agreement: { clean: clean.value, attacks: compared },
    failed: team.failed,
    settings: {
      images: pool,
      attacks,
      target: preset.target.architecture,
      ...(data === undefined ? { targetSteps } : { dataset: preset.dataset.name }),
    },
    versions: team.versions,
  };
}

/** An attack that moves next to nothing: accuracy on clean images. */
const still: AttackSettings = { name: "pgd", epsilon: 1e-6, stepSize: 1e-6, steps: 1 };

interface Comparison {
  readonly attack: string;
  readonly sides: Readonly<Record<string, Robustness>>;
}

/**
 * Both sides' figures of an attack; fails where they are too far apart. AutoAttack is given all images. Its
 * parts are given those that O reads right: torchattacks' leave out the others, some of ours do not.
 */
async function compare(team: Team, attack: AttackSettings, quick: boolean): Promise<Comparison> {
  const given = attack.name === "autoattack" ? "all" : "right";
  const ours = await team.ours.ask<Robustness>({ do: "robustness", attack, given });
  const request = { do: "robustness", kind: PEER, attack, given };
  const theirs = await team.peers.get("eager")!.ask<Robustness>(request);
  if (!quick) {
    compareRobustness(`${PEER}' ${attack.name}`, ours, theirs, {
      tolerance: TOLERANCE,
      epsilon: attack.epsilon,
    });
  }
  return { attack: attack.name, sides: { [OURS]: ours, [PEER]: theirs } };
}

/** Twenty steps of APGD beside twenty of PGD, both ours, and of torchattacks' APGD. */
async function timeSteps(team: Team, context: BenchContext, epsilon: number) {
  const apgd: AttackSettings = { name: "apgd-ce", epsilon, steps: 20 };
  const pgd: AttackSettings = { name: "pgd", epsilon, stepSize: epsilon / 10, steps: 20 };
  const work = "attack", given = "right";
  const contenders = [
    await team.prepare(OURS, team.ours, { work, attack: apgd, given }),
    await team.prepare("realign, PGD", team.ours, { work, attack: pgd, given }),
    await team.prepare(PEER, team.peers.get("eager")!, { work, kind: PEER, attack: apgd, given }),
  ].filter((contender) => contender !== undefined);
  const rounds = await alternate(contenders, repetitions(context, 5, 1));
  return groupOf("20 steps of APGD", toMilliseconds(rounds), { aside: ["realign, PGD"] });
}
