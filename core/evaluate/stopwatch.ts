/**
 * How long a system takes for an image.
 *
 * @module
 */
import { tensorsIn } from "../backend/containers.ts";
import * as tf from "../tf.ts";

/** Times batches of one system. */
export interface Stopwatch {
  /**
   * Ends the time of a batch, once its output is computed.
   *
   * @param begun When it began, as `performance.now()`
   * @param output What the system gives; a backend may still be computing it
   * @param size B, the padding included, which is computed as well
   */
  stop(begun: number, output: tf.TensorContainer, size: number): Promise<void>;
  /** The median, in milliseconds per image; undefined before the second batch. */
  result(): number | undefined;
}

/**
 * Makes a stopwatch. The first batch does not count: steps are recorded and memory is taken in it.
 *
 * @param now The time in milliseconds. @default {performance.now}
 * @returns The stopwatch
 *
 * @example Usage
 * ```ts
 * import { createStopwatch } from "./stopwatch.ts";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * let now = 0;
 * const stopwatch = createStopwatch(() => now);
 * for (const milliseconds of [900, 40, 60, 50]) {
 *   const begun = now;
 *   now += milliseconds;
 *   await stopwatch.stop(begun, tf.zeros([10, 2]), 10);
 * }
 * assert.equal(stopwatch.result(), 5);
 * ```
 */
export function createStopwatch(now: () => number = () => performance.now()): Stopwatch {
  const times: number[] = [];
  let isWarm = false;
  return {
    async stop(begun, output, size) {
      await settle(output);
      if (isWarm) times.push((now() - begun) / size);
      isWarm = true;
    },
    result() {
      if (times.length === 0) return undefined;
      const sorted = times.toSorted((a, b) => a - b);
      const middle = (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
      return Number(middle.toPrecision(4));
    },
  };
}

/** Waits until an output is computed: one number of each tensor is read, since reading all of it takes time. */
async function settle(output: tf.TensorContainer): Promise<void> {
  const firsts = tensorsIn(output).filter(({ size }) => size > 0).map((tensor) =>
    tf.tidy(() => tf.slice(tf.reshape(tensor, [-1]), 0, 1))
  );
  await Promise.all(firsts.map((first) => first.data()));
  tf.dispose(firsts);
}
