/**
 * The quantile of the standard normal distribution.
 *
 * @module
 */

/** Wichura's rational functions: numerator, then denominator, each from the constant term up. */
const CENTRE = [
  [
    3.3871328727963666080,
    1.3314166789178437745e2,
    1.9715909503065514427e3,
    1.3731693765509461125e4,
    4.5921953931549871457e4,
    6.7265770927008700853e4,
    3.3430575583588128105e4,
    2.5090809287301226727e3,
  ],
  [
    1,
    4.2313330701600911252e1,
    6.8718700749205790830e2,
    5.3941960214247511077e3,
    2.1213794301586595867e4,
    3.9307895800092710610e4,
    2.8729085735721942674e4,
    5.2264952788528545610e3,
  ],
] as const;
const SHOULDER = [
  [
    1.42343711074968357734,
    4.63033784615654529590,
    5.76949722146069140550,
    3.64784832476320460504,
    1.27045825245236838258,
    2.41780725177450611770e-1,
    2.27238449892691845833e-2,
    7.74545014278341407640e-4,
  ],
  [
    1,
    2.05319162663775882187,
    1.67638483018380384940,
    6.89767334985100004550e-1,
    1.48103976427480074590e-1,
    1.51986665636164571966e-2,
    5.47593808499534494600e-4,
    1.05075007164441684324e-9,
  ],
] as const;
const TAIL = [
  [
    6.65790464350110377720,
    5.46378491116411436990,
    1.78482653991729133580,
    2.96560571828504891230e-1,
    2.65321895265761230930e-2,
    1.24266094738807843860e-3,
    2.71155556874348757815e-5,
    2.01033439929228813265e-7,
  ],
  [
    1,
    5.99832206555887937690e-1,
    1.36929880922735805310e-1,
    1.48753612908506148525e-2,
    7.86869131145613259100e-4,
    1.84631831751005468180e-5,
    1.42151175831644588870e-7,
    2.04426310338993978564e-15,
  ],
] as const;

/**
 * Phi^-1(p), by Wichura's algorithm AS 241 (1988), to about 1e-15 of its size.
 *
 * @param p A probability
 * @returns The number below which a standard normal variable is with probability `p`; -Infinity for 0, Infinity for 1
 * @throws {RangeError} If `p` is not in [0, 1]
 *
 * @example Usage
 * ```ts
 * import { normalQuantile } from "@realign/core/certify";
 * import assert from "node:assert/strict";
 *
 * assert.equal(normalQuantile(0.975).toFixed(6), "1.959964");
 * assert.equal(normalQuantile(0.5), 0);
 * ```
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) {
    throw new RangeError(
      `Cannot compute a normal quantile as the probability must be in [0, 1]: current value is ${p}`,
    );
  }
  const centred = p - 0.5;
  if (Math.abs(centred) <= 0.425) return centred * ratio(CENTRE, 0.425 ** 2 - centred ** 2);
  const rest = Math.min(p, 1 - p);
  if (rest === 0) return p === 0 ? -Infinity : Infinity;
  const depth = Math.sqrt(-Math.log(rest));
  const size = depth <= 5 ? ratio(SHOULDER, depth - 1.6) : ratio(TAIL, depth - 5);
  return Math.sign(centred) * size;
}

function ratio(
  [numerator, denominator]: readonly [readonly number[], readonly number[]],
  x: number,
): number {
  const polynomial = (coefficients: readonly number[]) =>
    coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);
  return polynomial(numerator) / polynomial(denominator);
}
