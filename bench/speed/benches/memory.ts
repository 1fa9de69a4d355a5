/**
 * The most memory that a process has held which does one thing only.
 *
 * @module
 */
import { groupOf, OURS } from "../result.ts";
import { type Bench, type BenchContext, Team } from "../team.ts";

/** Runs after the two that warm up. */
const RUNS = 5;

/** What a process does, on all sides. */
const worksOf = (attack: object) =>
  [
    { name: "step", pool: undefined, request: { work: "step" } },
    { name: "PGD-20", pool: 128, request: { work: "attack", kind: "foolbox", attack } },
  ] as const;

/** Peak resident memory. */
export const memory: Bench = {
  title: "peak memory per process",
  async run(context) {
    const { preset, quick } = context;
    const attack = { ...preset.evaluation.threatModels.whitebox.attacks["pgd-20"], return: "last" };
    const groups = [];
    const failed: Record<string, string> = {};
    let versions = {};
    for (const { name, pool, request } of worksOf(attack)) {
      const rounds: Record<string, number[]> = {};
      for (let round = 0; round < (quick ? 1 : 3); round++) {
        const measured = await measure(context, pool, request);
        Object.assign(failed, measured.failed);
        versions = measured.versions;
        for (const [side, value] of Object.entries(measured.peaks)) {
          (rounds[side] ??= []).push(value);
        }
      }
      if (OURS in rounds) groups.push(groupOf(name, rounds, { unit: "MiB", aim: 1 }));
    }
    return { groups, failed, settings: { runs: RUNS, attack }, versions };
  },
};

async function measure(
  context: BenchContext,
  pool: number | undefined,
  request: { readonly work: string; readonly [key: string]: unknown },
) {
  await using team = await Team.open(context, { preset: context.preset, pool });
  const sides = [
    [OURS, team.ours] as const,
    ...[...team.peers].map(([mode, side]) => [`torch ${mode}`, side] as const),
  ];
  const peaks: Record<string, number> = {};
  for (const [name, side] of sides) {
    const contender = await team.prepare(name, side, request);
    await contender?.run(RUNS);
    const peak = contender && await side.peakMemory();
    if (peak !== undefined) peaks[name] = peak;
  }
  return { peaks, failed: team.failed, versions: team.versions };
}
