/**
 * What is said of repeated measurements.
 *
 * @module
 */

/** How measurements lie. */
export interface Spread {
  readonly count: number;
  readonly min: number;
  readonly lowerQuartile: number;
  readonly median: number;
  readonly upperQuartile: number;
  readonly max: number;
}

/**
 * Sums measurements up; quartiles lie between the two nearest values in proportion.
 *
 * @param values At least one
 * @returns Minimum, quartiles, maximum
 * @throws {RangeError} If there is none, or one is not finite
 *
 * @example Usage
 * ```ts ignore
 * spreadOf([4, 1, 3, 2]).median; // 2.5
 * ```
 */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0 || !values.every(Number.isFinite)) {
    throw new RangeError(
      `Cannot summarise measurements as they must be finite and at least one: current values are [${
        values.join(", ")
      }]`,
    );
  }
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
    return low + (high - low) * (place - Math.floor(place));
  };
  return {
    count: sorted.length,
    min: at(0),
    lowerQuartile: at(0.25),
    median: at(0.5),
    upperQuartile: at(0.75),
    max: at(1),
  };
}

/**
 * How often ours fits into theirs, round by round: above 1, ours is less.
 *
 * @param theirs One value a round
 * @param ours One value a round
 * @throws {RangeError} If the rounds are not as many
 */
export function ratiosOf(theirs: readonly number[], ours: readonly number[]): Spread {
  if (theirs.length !== ours.length) {
    throw new RangeError(
      `Cannot compare ${theirs.length} rounds with ${ours.length}: both sides must have the same number`,
    );
  }
  return spreadOf(theirs.map((value, round) => value / ours[round]));
}
