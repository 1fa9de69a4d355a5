import assert from "node:assert/strict";
import { shareOf } from "./run_training.ts";

Deno.test("shareOf() is a share of at most one, or none", () => {
  assert.equal(shareOf(50, 100), 0.5);
  for (const [gflops, rate] of [[169, 100], [Infinity, 100], [1, Infinity], [1, 0], [NaN, 1]]) {
    assert.equal(shareOf(gflops, rate), undefined);
  }
});
