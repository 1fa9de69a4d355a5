import assert from "node:assert/strict";
import { kendallTau } from "./kendall.ts";

Deno.test("kendallTau() counts pairs, ties in neither list", () => {
  assert.equal(kendallTau([1, 2, 3, 4], [4, 3, 2, 1]), -1);
  // Of six pairs, (2, 3) of the second list is the other way round.
  assert.equal(kendallTau([1, 2, 3, 4], [1, 3, 2, 4]), 4 / 6);
  // Pairs: (a, b) tied in the first list, both others in the same order: 2 / sqrt(2 * 3).
  assert.equal(kendallTau([1, 1, 2], [1, 2, 3])?.toFixed(12), (2 / Math.sqrt(6)).toFixed(12));
  assert.equal(kendallTau([1, 1], [1, 2]), undefined);
  assert.equal(kendallTau([1], [1]), undefined);
  assert.throws(() => kendallTau([1], [1, 2]), /of the same length: they are 1 and 2/);
});
