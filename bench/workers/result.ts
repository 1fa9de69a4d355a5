/**
 * What `bench workers` writes.
 *
 * @module
 */
import { spreadOf } from "../speed/statistics.ts";

/** The median of measurements. */
export const medianOf = (values: readonly number[]): number => spreadOf(values).median;

/** Median seconds of a step, one for each round. */
export interface StepTimes {
  /** One process with the whole batch. */
  readonly one: readonly number[];
  /** Two workers with half of it each. */
  readonly two: readonly number[];
  /** Two processes at once that know nothing of each other, each with half of it: what a step costs without exchange. */
  readonly apart: readonly number[];
}

/** What two workers pay for a sum, in seconds. */
export interface SumTimes {
  readonly bytes: number;
  readonly seconds: number;
}

/** The measurements. */
export interface WorkersResult {
  readonly version: 1;
  readonly kind: "workers";
  readonly date: string;
  /** Images of the whole batch. */
  readonly batchSize: number;
  /** The words of the training. */
  readonly command: string;
  readonly times: StepTimes;
  readonly sums: readonly SumTimes[];
  /** Bytes of the gradients of G and D. */
  readonly gradientBytes: number;
  /** Kills of random workers at random moments; absent if none were wanted. */
  readonly kills?: {
    readonly count: number;
    readonly steps: number;
    /** Steps that were computed again, over all kills. */
    readonly repeated: number;
    /** Greatest difference from the weights of a run that was not killed, relative above 1. */
    readonly distance: number;
  };
  readonly environment: object;
}

/** What follows from the measurements. */
export interface WorkerFigures {
  /** Images a second of two workers over those of one process. */
  readonly speedup: number;
  /** Of two workers' step, what is no computation: exchange, and waiting for each other. */
  readonly exchangeShare: number;
}

/** The figures of all rounds: ratios within a round, and their medians. */
export function figuresOf({ one, two, apart }: StepTimes): WorkerFigures {
  return {
    speedup: medianOf(one.map((seconds, round) => seconds / two[round])),
    exchangeShare: medianOf(two.map((seconds, round) => Math.max(0, 1 - apart[round] / seconds))),
  };
}

/**
 * Seconds of an exchange by a ring: each worker sends and takes 2 (n - 1) / n of the bytes, in 2 (n - 1) messages.
 *
 * @param workers n
 * @param bytes That are summed
 * @param network Seconds of a message, bytes a second of a link
 */
export function ringSeconds(
  workers: number,
  bytes: number,
  { latency, bandwidth }: { readonly latency: number; readonly bandwidth: number },
): number {
  const hops = 2 * (workers - 1);
  return hops * latency + hops / workers * bytes / bandwidth;
}

/**
 * Images a second of n workers over those of one, at the same number of images each, if a step's exchange and its
 * computation do not overlap: from measured parts, on paper.
 *
 * @param result The measurements
 * @param workers n
 */
export function grown({ times, sums, gradientBytes }: WorkersResult, workers: number): number {
  const computed = medianOf(times.apart);
  // Of two workers a ring has two messages: the small sum gives its latency, the large one its bandwidth.
  const [small, large] = [sums[0], sums[sums.length - 1]];
  const latency = small.seconds / 2;
  const bandwidth = large.bytes / Math.max(large.seconds - small.seconds, 1e-9);
  const others = Math.max(
    0,
    medianOf(times.two) - computed - ringSeconds(2, gradientBytes, { latency, bandwidth }),
  );
  const exchanged = ringSeconds(workers, gradientBytes, { latency, bandwidth });
  return workers * computed / (computed + others + exchanged);
}
