/**
 * What the guard of a training found after its epochs, as the time went.
 *
 * @module
 */
import type { Review } from "@realign/core";
import type { MetricsLine } from "./metrics_file.ts";

/** A review, when it was made. */
export interface TimedReview extends Pick<Review, "clean" | "whitebox"> {
  readonly epoch: number;
  /** Of training until then, reviews included. */
  readonly seconds: number;
}

/**
 * Lists the reviews of a stage.
 *
 * @param lines The stage's steps, in their order
 */
export function timedReviews(lines: readonly MetricsLine[]): TimedReview[] {
  const reviews: TimedReview[] = [];
  let spent = 0;
  for (const { epoch, seconds, review } of lines) {
    spent += seconds;
    if (!review) continue;
    const { clean, whitebox } = review;
    reviews.push({ epoch, seconds: Number(spent.toFixed(1)), clean, whitebox });
  }
  return reviews;
}
