/**
 * How far numbers lie from others, where networks are held against those of other programs.
 *
 * @module
 */
import assert from "node:assert/strict";

/**
 * The greatest difference over the greatest number, and the relative L2 distance: of gradients in float32, where single
 * units fall on the other side of a ReLU's corner, only the second says much.
 */
export function distances(actual: ArrayLike<number>, expected: ArrayLike<number>) {
  assert.equal(actual.length, expected.length);
  let [worst, greatest, apart, length] = [0, 0, 0, 0];
  for (let index = 0; index < expected.length; index++) {
    const difference = actual[index] - expected[index];
    worst = Math.max(worst, Math.abs(difference));
    greatest = Math.max(greatest, Math.abs(expected[index]));
    apart += difference ** 2;
    length += expected[index] ** 2;
  }
  return { worst: worst / greatest, l2: Math.sqrt(apart / length) };
}
