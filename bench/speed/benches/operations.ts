/**
 * What a single small operation costs beyond its arithmetic.
 *
 * @module
 */
import { alternate, type Contender } from "../alternate.ts";
import { groupOf, OURS } from "../result.ts";
import type { Side } from "../side.ts";
import { type Bench, repetitions, Team } from "../team.ts";

const RECORDED = `${OURS}, recorded`;

/** Microseconds of an operation in a chain on one number. */
export const operations: Bench = {
  title: "overhead per operation",
  async run(context) {
    const count = context.quick ? 200 : 2000;
    await using team = await Team.open(context, { preset: context.preset, modes: ["eager"] });
    const contender = (name: string, side: Side, settings: object): Contender => ({
      name,
      run: async (times) => {
        const seconds: number[] = [];
        while (seconds.length < times) {
          seconds.push(await side.ask<number>({ do: "operations", count, ...settings }));
        }
        return seconds;
      },
    });
    const contenders = [
      contender(OURS, team.ours, { mode: "eager" }),
      contender(RECORDED, team.ours, { mode: "recorded" }),
      ...[...team.peers].map(([mode, side]) => contender(`torch ${mode}`, side, {})),
    ];
    const rounds = await alternate(contenders, repetitions(context, 9, 3));
    const perOperation = Object.fromEntries(
      Object.entries(rounds).map((
        [side, values],
      ) => [side, values.map((value) => value / count * 1e6)]),
    );
    return {
      groups: [groupOf("operation", perOperation, { unit: "us", aside: [RECORDED] })],
      settings: { count },
      versions: team.versions,
    };
  },
};
