import assert from "node:assert/strict";
import { ratiosOf, spreadOf } from "./statistics.ts";

Deno.test("spreadOf() gives quartiles between values, in whatever order they come", () => {
  assert.deepEqual(spreadOf([4, 1, 3, 2]), {
    count: 4,
    min: 1,
    lowerQuartile: 1.75,
    median: 2.5,
    upperQuartile: 3.25,
    max: 4,
  });
  const one = spreadOf([7]);
  assert.deepEqual([one.min, one.lowerQuartile, one.median, one.max], [7, 7, 7, 7]);
});

Deno.test("spreadOf() refuses nothing and what is not a number", () => {
  assert.throws(() => spreadOf([]), RangeError);
  assert.throws(() => spreadOf([1, NaN]), /must be finite/);
});

Deno.test("ratiosOf() compares round by round, so that a slow machine slows both", () => {
  const { median, min, max } = ratiosOf([3, 30, 9], [1, 10, 4.5]);
  assert.deepEqual([median, min, max], [3, 2, 3]);
  assert.throws(() => ratiosOf([1], [1, 2]), /Cannot compare 1 rounds with 2/);
});
