/**
 * How far the weights of two runs lie apart.
 *
 * @module
 */
import type { HostTensor } from "@realign/core";
import assert from "node:assert/strict";

/**
 * The greatest difference of two sets of weights.
 *
 * @returns Absolute below 1, relative above
 * @throws {Error} If they have other names
 */
export function distanceOf(
  one: ReadonlyMap<string, HostTensor>,
  other: ReadonlyMap<string, HostTensor>,
): number {
  assert.deepEqual([...other.keys()].sort(), [...one.keys()].sort());
  let most = 0;
  for (const [name, { data }] of one) {
    const { data: found } = other.get(name)!;
    data.forEach((value, at) => {
      most = Math.max(most, Math.abs(value - found[at]) / Math.max(1, Math.abs(value)));
    });
  }
  return most;
}
