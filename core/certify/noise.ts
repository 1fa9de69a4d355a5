/**
 * Gaussian noise in bulk.
 *
 * @module
 */
import type { Random } from "../random.ts";

/**
 * Fills an array with numbers from N(0, sigma^2), two from each pair of uniform ones (Box and Muller 1958). Drawn on the
 * host: no backend has a generator whose numbers are the same on each machine.
 *
 * @param into All of it is overwritten
 * @param sigma Standard deviation
 * @param random Where uniform numbers come from
 *
 * @example Usage
 * ```ts
 * import { fillWithNoise } from "./noise.ts";
 * import { createRandom } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const [once, again] = [new Float32Array(5), new Float32Array(5)];
 * for (const numbers of [once, again]) fillWithNoise(numbers, 0.5, createRandom(1));
 * assert.deepEqual(once, again);
 * assert.equal(new Set(once).size, 5);
 * ```
 */
export function fillWithNoise(into: Float32Array, sigma: number, random: Random): void {
  for (let at = 0; at < into.length; at += 2) {
    const length = sigma * Math.sqrt(-2 * Math.log(1 - random.next()));
    const angle = 2 * Math.PI * random.next();
    into[at] = length * Math.cos(angle);
    if (at + 1 < into.length) into[at + 1] = length * Math.sin(angle);
  }
}
