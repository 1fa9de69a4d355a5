/**
 * Where the time goes: how much of it are oneDNN's convolutions, which are the same on both sides.
 *
 * @module
 */
import { millisecondsByKind } from "../primitives.ts";
import { type BenchGroup, groupOf, OURS } from "../result.ts";
import type { Side } from "../side.ts";
import { type Bench, Team } from "../team.ts";

/** What is taken apart. */
const WORKS = {
  "step": { work: "step" },
  "PGD-20": { work: "attack", kind: "by hand" },
} as const;

/** Milliseconds of a run: all of it, convolutions, what oneDNN runs besides, the rest. */
interface Parts {
  readonly whole: number;
  readonly convolutions: number;
  readonly others: number;
  readonly rest: number;
}

/** Times of the parts of a step and of an attack. */
export const profile: Bench = {
  title: "time by operation, on one thread",
  async run(context) {
    const { preset, quick } = context;
    const runs = quick ? 1 : 9;
    const pool = quick ? 32 : 128;
    const attack = { ...preset.evaluation.threatModels.whitebox.attacks["pgd-20"], return: "last" };
    const options = { preset, pool, modes: ["eager"], profile: true } as const;
    await using team = await Team.open({ ...context, threads: 1 }, options);
    const sides = [[OURS, team.ours], ["torch eager", team.peers.get("eager")!]] as const;
    const groups: BenchGroup[] = [];
    for (const [name, work] of Object.entries(WORKS)) {
      const measured: Record<string, Parts[]> = {};
      for (const [label, side] of sides) {
        await team.prepare(label, side, { ...work, ...(work.work === "attack" && { attack }) });
      }
      for (let run = 0; run < runs; run++) {
        for (const [label, side] of sides) {
          if (team.failed[label]) continue;
          (measured[label] ??= []).push(await takeApart(side, label));
        }
      }
      for (const part of ["whole", "convolutions", "others", "rest"] as const) {
        const rounds = Object.fromEntries(
          Object.entries(measured).map(([label, parts]) => [label, parts.map((one) => one[part])]),
        );
        groups.push(groupOf(`${name}: ${TITLES[part]}`, rounds));
      }
    }
    return {
      groups,
      failed: team.failed,
      settings: { images: pool, attack, threads: 1 },
      versions: team.versions,
    };
  },
};

const TITLES: Readonly<Record<keyof Parts, string>> = {
  whole: "all",
  convolutions: "oneDNN's convolutions",
  others: "oneDNN's other kernels",
  rest: "everything else",
};

async function takeApart(side: Side, name: string): Promise<Parts> {
  await side.takePrimitives();
  const [seconds] = await side.ask<number[]>({ do: "run", name, count: 1 });
  const { convolution = 0, ...kinds } = millisecondsByKind(await side.takePrimitives());
  const others = Object.values(kinds).reduce((sum, value) => sum + value, 0);
  const whole = 1000 * seconds;
  return { whole, convolutions: convolution, others, rest: whole - convolution - others };
}
