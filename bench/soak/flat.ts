/**
 * Whether what a process holds stays flat over a long time.
 *
 * @module
 */
import type { Held } from "./process_memory.ts";

/** What may be held more at the end than at the start, beyond which something leaks. */
export const ALLOWED: Readonly<Record<keyof Held, number>> = {
  native: 24,
  heap: 8,
  tensors: 0,
  handles: 0,
};

/** One quantity at both ends of a soak. */
export interface Ends {
  /** Median over the first fifth after the warm-up. */
  readonly early: number;
  /** Median over the last fifth. */
  readonly late: number;
  readonly allowed: number;
  readonly flat: boolean;
}

/**
 * Compares the last fifth of the samples with the first fifth after the warm-up, which is the first
 * tenth: caches fill, and code is compiled.
 *
 * @param samples In their order
 * @returns By quantity; those that were not measured are left out
 * @throws {RangeError} If there are too few samples to compare
 */
export function compareEnds(samples: readonly Held[]): Partial<Record<keyof Held, Ends>> {
  const settled = samples.slice(Math.floor(samples.length / 10));
  const share = Math.floor(settled.length / 5);
  if (share === 0) {
    throw new RangeError(
      `Cannot compare ${samples.length} samples as at least 5 are needed: soak for longer`,
    );
  }
  const ends: Partial<Record<keyof Held, Ends>> = {};
  for (const [name, allowed] of Object.entries(ALLOWED) as [keyof Held, number][]) {
    const values = settled.map((sample) => sample[name]);
    if (!values.every((value) => value !== undefined)) continue;
    const early = median(values.slice(0, share));
    const late = median(values.slice(-share));
    ends[name] = { early, late, allowed, flat: late <= early + allowed };
  }
  return ends;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
