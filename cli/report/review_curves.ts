/**
 * How far G withstood attacks through itself while it was trained.
 *
 * @module
 */
import type { TimedReview } from "../runs/reviews.ts";
import type { CurveCharts } from "./curve_charts.ts";
import { percent } from "./labels.ts";
import { drawLines, lineColour } from "./line_chart.ts";

/** Lines, and what the guard measured for them. */
const LINES = [
  { name: "clean", of: ({ clean }: TimedReview) => clean },
  { name: "attacked through G", of: ({ whitebox }: TimedReview) => whitebox },
] as const;

/**
 * Draws what a training's guard found on held-out examples over the time of training.
 *
 * @param reviews After each epoch
 * @param metric Names what is measured
 * @returns One chart; undefined where there was no guard
 */
export async function reviewCurves(
  reviews: readonly TimedReview[],
  metric: string,
): Promise<CurveCharts | undefined> {
  if (reviews.length === 0) return undefined;
  const told = LINES.map(({ name, of }) =>
    `${name}: ${
      reviews.map((review) => `${percent(of(review))} % after epoch ${review.epoch + 1}`)
        .join(", ")
    }`
  );
  const svg = await drawLines(
    LINES.map(({ of }) =>
      reviews.map((review): [number, number] => [review.seconds / 60, of(review)])
    ),
    { titles: ["minutes of training", metric], points: true },
  );
  return {
    title: "While G was trained",
    charts: [{ title: "on held-out examples", description: told.join("; "), svg }],
    legend: LINES.map(({ name }, index) => ({ name, colour: lineColour(index) })),
  };
}
