import assert from "node:assert/strict";
import { readTrace, riseAtEnd } from "./trace.ts";

Deno.test("riseAtEnd is that of the best loss so far, over its range or ln 2", () => {
  const up = Array.from({ length: 21 }, (_, step) => step);
  assert.equal(riseAtEnd(up), 0.5);
  assert.equal(riseAtEnd(up.map((step) => step === 10 ? 20 : Math.min(step, 10))), 0);
  const little = riseAtEnd(up.map((step) => step / 2000));
  assert.ok(Math.abs(little - 0.005 / Math.LN2) < 1e-9, "a loss far from any decision");
});

Deno.test("readTrace tells silent successes from survivors, and leaves padding and errors out", () => {
  const losses = [[0, 0, 0, 0, 0], [1, 1, 1, 1, 1]];
  // Stays right, passes the boundary and comes back, stays wrong, is wrong clean, padding.
  const right = [[1, 1, 1, 0, 1], [1, 0, 0, 0, 1], [1, 1, 0, 0, 1]];
  const trace = { losses: [...losses, [2, 2, 2, 2, 2]], right };
  assert.deepEqual(readTrace(trace, 4, true), {
    silent: [0, 1, 0],
    surviving: [1, 0, 0],
    rises: [1],
  });
  assert.deepEqual(readTrace(trace, 2, false), { silent: [], surviving: [], rises: [1, 1] });
});
