import assert from "node:assert/strict";
import { timedReviews } from "../runs/reviews.ts";
import { renderReport } from "./html.ts";
import { reviewCurves } from "./review_curves.ts";
import { content } from "./testing.ts";

/** Four steps of a quarter of a minute, reviewed after every second one. */
const lines = [0.1, 0.2, 0.3, 0.4].map((whitebox, step) => ({
  stage: "train",
  step,
  epoch: Math.floor(step / 2),
  learningRate: 1e-3,
  seconds: 15,
  losses: { total: 1 },
  ...(step % 2 === 1 && { review: { clean: 0.9, whitebox, best: whitebox, bestEpoch: 0 } }),
}));

Deno.test("timedReviews() tells when each review was made", () => {
  assert.deepEqual(timedReviews(lines), [
    { epoch: 0, seconds: 30, clean: 0.9, whitebox: 0.2 },
    { epoch: 1, seconds: 60, clean: 0.9, whitebox: 0.4 },
  ]);
  assert.deepEqual(timedReviews([]), []);
});

Deno.test("reviewCurves() draws what a guard found over time, and nothing without one", async () => {
  assert.equal(await reviewCurves([], "accuracy"), undefined);
  const reviews = (await reviewCurves(timedReviews(lines), "accuracy"))!;
  const [{ description, svg }] = reviews.charts;
  assert.equal(
    description,
    "clean: 90.0 % after epoch 1, 90.0 % after epoch 2; " +
      "attacked through G: 20.0 % after epoch 1, 40.0 % after epoch 2",
  );
  assert.match(svg, /minutes of training/);
  assert.match(svg, /accuracy/);
  const page = renderReport({ ...content, reviews });
  assert.match(page, /<h2>While G was trained<\/h2>/);
  assert.ok(!renderReport(content).includes("While G was trained"));
});
