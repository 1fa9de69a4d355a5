/**
 * Random numbers of a batch that is shared: each worker has those of its own rows.
 *
 * @module
 */
import type { Random } from "../random.ts";
import { activeWorkers } from "./workers.ts";

/**
 * A stream whose lists of numbers are this worker's part of those that one process would draw for the whole batch:
 * lists must have the examples as their first axis. Single numbers are the same for all workers.
 *
 * @param random The whole batch's stream
 * @returns This worker's
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { ownDraws } from "@realign/core/workers";
 * import assert from "node:assert/strict";
 *
 * const [own] = ownDraws(createRandom(1)).uniforms(1, 0, 1); // a process that is alone
 * assert.equal(own, Math.fround(createRandom(1).next()));
 * ```
 */
export function ownDraws(random: Random): Random {
  const { index, count: workers } = activeWorkers();
  if (workers === 1) return random;
  const own = (all: Float32Array<ArrayBuffer>, count: number) =>
    all.slice(index * count, (index + 1) * count);
  return {
    ...random,
    uniforms: (count, low, high) => own(random.uniforms(workers * count, low, high), count),
    normals: (count, deviation) => own(random.normals(workers * count, deviation), count),
    fork: (...path) => ownDraws(random.fork(...path)),
  };
}
