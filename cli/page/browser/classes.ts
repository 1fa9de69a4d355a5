/**
 * Classes with confidences, and plain numbers.
 *
 * @module
 */

/** A class and how sure the target is of it, in `[0, 1]`. */
export interface Guess {
  readonly index: number;
  readonly confidence: number;
}

/** The likeliest classes of K scores, by their softmax. */
export function likeliest(scores: Float32Array, count: number): Guess[] {
  const top = scores.reduce((most, score) => Math.max(most, score), -Infinity);
  const shares = Array.from(scores, (score) => Math.exp(score - top));
  const sum = shares.reduce((total, share) => total + share, 0);
  return shares.map((share, index) => ({ index, confidence: share / sum }))
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, count);
}

/** A share in percent, e.g. "97.3 %"; only what is everything is 100 %. */
export function percentText(share: number): string {
  if (!Number.isFinite(share)) return "not a number";
  const text = (100 * share).toFixed(1);
  return text === "100.0" && share < 1 ? "> 99.9 %" : `${text} %`;
}

/** The greatest numbers with their places. */
export function greatestNumbers(values: Float32Array, count: number): string {
  return [...values.entries()].sort(([, a], [, b]) => b - a).slice(0, count)
    .map(([index, value]) => `${index}: ${value.toFixed(3)}`).join(", ");
}
