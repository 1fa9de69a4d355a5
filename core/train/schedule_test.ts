import assert from "node:assert/strict";
import type { Schedule } from "../preset.ts";
import { learningRateAt } from "./schedule.ts";
import { assertClose } from "../testing/mod.ts";

const rates = (name: Schedule["name"], steps: number[], warmup = 0) =>
  steps.map((step) => learningRateAt({ name, peak: 2, warmup }, step, 100));

Deno.test("learningRateAt stays at the peak where it is constant", () => {
  assert.deepEqual(rates("constant", [0, 50, 100]), [2, 2, 2]);
});

Deno.test("learningRateAt rises from a 25th to the peak and falls to almost nothing in one cycle", () => {
  const [start, half, peak, down, end] = rates("one-cycle", [0, 10, 20, 60, 100], 0.2);
  assertClose([start, half, peak], [0.08, (0.08 + 2) / 2, 2], 1e-9);
  assertClose([down, end], [(2 + 0.0002) / 2, 0.0002], 1e-9);
});

Deno.test("learningRateAt is finite in one cycle without warm-up and with nothing but warm-up", () => {
  assertClose(rates("one-cycle", [0, 100], 0), [2, 0.0002], 1e-9);
  assertClose(rates("one-cycle", [0, 50, 100], 1), [0.08, 1.04, 2], 1e-9);
});

Deno.test("learningRateAt falls linearly from the middle on as pix2pixHD has it", () => {
  assertClose(rates("constant-then-linear", [0, 50, 75, 100]), [2, 2, 1, 0], 1e-9);
});

Deno.test("learningRateAt falls by the power 0.9", () => {
  assertClose(rates("poly", [0, 50, 100]), [2, 2 * 0.5 ** 0.9, 0], 1e-9);
});

Deno.test("learningRateAt falls by half a cosine", () => {
  const expected = [2, 1 + Math.SQRT1_2, 1, 1 - Math.SQRT1_2, 0];
  assertClose(rates("cosine", [0, 25, 50, 75, 100]), expected, 1e-9);
});

Deno.test("learningRateAt falls to a tenth and to a hundredth in two drops", () => {
  assertClose(rates("two-drops", [0, 59, 60, 89, 90, 100]), [2, 2, 0.2, 0.2, 0.02, 0.02], 1e-9);
});

Deno.test("learningRateAt stays at the end beyond the last step, and does with no steps at all", () => {
  assert.equal(rates("cosine", [150])[0], 0);
  assert.equal(learningRateAt({ name: "poly", peak: 2, warmup: 0 }, 0, 0), 2);
});
