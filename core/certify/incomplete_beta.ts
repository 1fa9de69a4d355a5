/**
 * The regularised incomplete beta function: tails of binomial distributions.
 *
 * @module
 */

/** Lanczos' approximation of the gamma function, g = 7, nine terms. */
const LANCZOS = [
  0.99999999999980993,
  676.5203681218851,
  -1259.1392167224028,
  771.32342877765313,
  -176.61502916214059,
  12.507343278686905,
  -0.13857109526572012,
  9.9843695780195716e-6,
  1.5056327351493116e-7,
];

/** ln Gamma(x) for x of at least 1/2. */
function logGamma(x: number): number {
  const at = x - 1;
  const sum = LANCZOS.reduce((sum, term, index) =>
    sum + (index === 0 ? term : term / (at + index))
  );
  const base = at + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (at + 0.5) * Math.log(base) - base + Math.log(sum);
}

/** A fraction that changes by less has converged. */
const PRECISION = 1e-15;
/** In place of 0, by which nothing can be divided. */
const TINY = 1e-300;
/** It needs about the root of the larger parameter. */
const MOST_TERMS = 1e6;

/** The continued fraction of I_x(a, b), by Lentz's method; converges fast for x below (a + 1) / (a + b + 2). */
function fraction(x: number, a: number, b: number): number {
  const guard = (value: number) => Math.abs(value) < TINY ? TINY : value;
  let c = 1;
  let d = 1 / guard(1 - (a + b) * x / (a + 1));
  let value = d;
  for (let term = 1; term < MOST_TERMS; term++) {
    const twice = 2 * term;
    const even = term * (b - term) * x / ((a + twice - 1) * (a + twice));
    d = 1 / guard(1 + even * d);
    c = guard(1 + even / c);
    value *= c * d;
    const odd = -(a + term) * (a + b + term) * x / ((a + twice) * (a + twice + 1));
    d = 1 / guard(1 + odd * d);
    c = guard(1 + odd / c);
    value *= c * d;
    if (Math.abs(c * d - 1) < PRECISION) break;
  }
  return value;
}

/**
 * I_x(a, b). The chance of at least k successes in n trials, each with chance x, is I_x(k, n - k + 1).
 *
 * @param x In [0, 1]
 * @param a At least 1/2
 * @param b At least 1/2
 * @returns In [0, 1], to about 1e-10 of its size for parameters of up to a million
 * @throws {RangeError} If `x` is not in [0, 1], or a parameter is below 1/2
 *
 * @example Usage
 * ```ts
 * import { incompleteBeta } from "./incomplete_beta.ts";
 * import assert from "node:assert/strict";
 *
 * // At least 2 of 3 fair coins: 3/8 + 1/8.
 * assert.ok(Math.abs(incompleteBeta(0.5, 2, 2) - 0.5) < 1e-14);
 * ```
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (!(x >= 0 && x <= 1 && a >= 0.5 && b >= 0.5)) {
    throw new RangeError(
      `Cannot compute the incomplete beta function as x must be in [0, 1], a and b at least 1/2: current values are ${x}, ${a}, ${b}`,
    );
  }
  if (x === 0 || x === 1) return x;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const logFront = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) +
    b * Math.log1p(-x);
  return Math.exp(logFront) * fraction(x, a, b) / a;
}
