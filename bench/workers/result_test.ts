import assert from "node:assert/strict";
import { figuresOf, grown, ringSeconds, type WorkersResult } from "./result.ts";

const times = { one: [2, 4, 2], two: [1, 2.5, 1.25], apart: [0.9, 2, 1.25] };

Deno.test("figuresOf compares within a round", () => {
  const { speedup, exchangeShare } = figuresOf(times);
  assert.equal(speedup, 1.6);
  assert.ok(Math.abs(exchangeShare - 0.1) < 1e-12);
  assert.equal(figuresOf({ ...times, apart: [3, 3, 3] }).exchangeShare, 0);
});

Deno.test("ringSeconds counts messages and bytes of a ring", () => {
  const network = { latency: 1, bandwidth: 10 };
  assert.equal(ringSeconds(1, 100, network), 0);
  assert.equal(ringSeconds(2, 100, network), 2 + 10);
  assert.equal(ringSeconds(4, 100, network), 6 + 15);
});

Deno.test("grown is one for one worker, and what was measured for two", () => {
  const result = {
    times: { one: [2], two: [1.5], apart: [1] },
    sums: [{ bytes: 4, seconds: 0.1 }, { bytes: 100, seconds: 0.2 }],
    gradientBytes: 100,
  } as unknown as WorkersResult;
  assert.ok(Math.abs(grown(result, 2) - 2 / 1.5) < 1e-9);
  assert.ok(grown(result, 64) > grown(result, 8) && grown(result, 64) < 64);
});
