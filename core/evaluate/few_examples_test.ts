import assert from "node:assert/strict";
import { fewExamplesAlarms } from "./few_examples.ts";
import { wilsonInterval } from "./interval.ts";
import type { EvaluationRow } from "./rows.ts";

const row = (count: number, interval?: readonly [number, number]): EvaluationRow => ({
  threatModel: "none",
  attack: "clean",
  settings: null,
  system: "none",
  metric: { name: "metric", value: 0.5, count, ...interval && { interval } },
  maxPerturbation: 0,
  seconds: 1,
});

Deno.test("fewExamplesAlarms begins where an interval may reach further than ten points", () => {
  const reach = (count: number) => wilsonInterval(count / 2, count)[1] - 0.5;
  assert.ok(reach(100) < 0.1 && reach(90) > 0.1);
  assert.deepEqual(fewExamplesAlarms([row(100), row(500)]), []);
  assert.deepEqual(fewExamplesAlarms([]), []);
});

Deno.test("fewExamplesAlarms says how wide the widest interval is, where there are intervals", () => {
  assert.deepEqual(fewExamplesAlarms([row(500), row(40, [0.3, 0.61]), row(40, [0.4, 0.5])]), [
    "only 40 examples were measured: 95 % intervals are up to 31 points wide; measure at least 100",
  ]);
  assert.match(fewExamplesAlarms([row(1)])[0], /^only 1 example was .* may be chance; measure/);
});
