/**
 * Sides in turn, A B A B ..., so that a machine that changes its speed changes it for all.
 *
 * @module
 */
import { spreadOf } from "./statistics.ts";

/** What is timed on one side. */
export interface Contender {
  readonly name: string;
  /** Seconds of each of some runs. */
  readonly run: (count: number) => Promise<readonly number[]>;
}

/** How often. */
export interface AlternateOptions {
  /** Times that every side has its turn. */
  readonly rounds: number;
  /** Runs of a turn; their median is the round's value. */
  readonly count: number;
  /** Milliseconds between turns, in which threads that wait for work fall asleep. @default {200} */
  readonly pause?: number;
}

/**
 * Times sides in turn.
 *
 * @param contenders In the order of their turns
 * @param options How often
 * @returns By side, seconds: one value a round
 */
export async function alternate(
  contenders: readonly Contender[],
  { rounds, count, pause = 200 }: AlternateOptions,
): Promise<Record<string, number[]>> {
  const values: Record<string, number[]> = Object.fromEntries(
    contenders.map(({ name }) => [name, []]),
  );
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of contenders) {
      await new Promise((done) => setTimeout(done, pause));
      values[name].push(spreadOf(await run(count)).median);
    }
  }
  return values;
}
