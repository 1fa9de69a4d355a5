/**
 * What the losses and decisions along an attack's steps say.
 *
 * @module
 */

/** An attack's steps, the start first; a list for each step, of all examples. */
export interface Trace {
  readonly losses: readonly (readonly number[])[];
  /** 1 where the example is right. */
  readonly right: readonly (readonly number[])[];
}

/** Steps at the end over which the loss should stand still (Pintor et al. 2022, I4). */
const LAST = 10;

/** An image is wrong only where its cross-entropy is above ln 2: a loss that moves by less is far from it. */
const LEAST_RANGE = Math.LN2;

/** A value of an example in every step. */
const column = (steps: Trace["losses"], example: number) => steps.map((values) => values[example]);

/**
 * How much of its range, at least ln 2, a loss still rises by in the last steps, as the best so far.
 *
 * @param losses In the order of the steps
 * @returns In `[0, 1]`; 0 for a loss that never rises
 *
 * @example Usage
 * ```ts
 * import { riseAtEnd } from "./trace.ts";
 * import assert from "node:assert/strict";
 *
 * const steps = Array.from({ length: 21 }, (_, step) => step);
 * assert.equal(riseAtEnd(steps), 0.5);
 * assert.equal(riseAtEnd(steps.map((step) => Math.min(step, 5))), 0);
 * ```
 */
export function riseAtEnd(losses: readonly number[]): number {
  const best = losses.map((_, step) => Math.max(...losses.slice(0, step + 1)));
  const [lowest, highest] = [Math.min(...losses), best[best.length - 1]];
  const rise = highest - best[Math.max(0, best.length - 1 - LAST)];
  return rise / Math.max(LEAST_RANGE, highest - lowest);
}

/**
 * Sums up an attack's steps.
 *
 * @param trace Of a batch
 * @param count Rows from here on are padding
 * @param decides Whether `right` says anything
 * @returns Of the examples that are right at the start: which of them an earlier step fooled and the last does
 * not, which no step fooled, and how much the loss of these still rises; of all examples where nothing is decided
 */
export function readTrace(
  { losses, right }: Trace,
  count: number,
  decides: boolean,
): { readonly silent: number[]; readonly surviving: number[]; readonly rises: number[] } {
  const examples = Array.from({ length: count }, (_, example) => example);
  if (!decides) {
    const rises = examples.map((example) => riseAtEnd(column(losses, example)));
    return { silent: [], surviving: [], rises };
  }
  const attacked = examples.filter((example) => right[0][example] === 1);
  const isFooled = (example: number) => column(right, example).some((value) => value !== 1);
  const ends = right[right.length - 1];
  return {
    silent: attacked.map((example) => Number(isFooled(example) && ends[example] === 1)),
    surviving: attacked.map((example) => Number(!isFooled(example))),
    rises: attacked.filter((example) => !isFooled(example))
      .map((example) => riseAtEnd(column(losses, example))),
  };
}
