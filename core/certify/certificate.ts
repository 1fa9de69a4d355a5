/**
 * From counts of classes under noise to what is certain: the two-stage test of Cohen, Rosenfeld and Kolter (2019).
 *
 * @module
 */
import { clopperPearsonLower } from "./clopper_pearson.ts";
import { normalQuantile } from "./normal_quantile.ts";

/** How many draws, and how sure. */
export interface SmoothingSettings {
  /** Standard deviation of a pixel's noise. */
  readonly sigma: number;
  /** Draws that choose the class (N0). */
  readonly selectionDraws: number;
  /** Draws that its probability is bounded by (N). */
  readonly draws: number;
  /** Chance that an image's certificate is false. */
  readonly alpha: number;
}

/** What is certain of one image. */
export interface Certificate {
  /** The class that the first draws chose, in `[0, K)`. */
  readonly class: number;
  /** How many of the second draws were of it. */
  readonly count: number;
  /** In L2 norm of [0, 1] pixels: no smaller change alters the smoothed class. Null where the test abstains. */
  readonly radius: number | null;
}

/**
 * The certificate of an image. The class is that of most of the first draws; p is the lower bound of its probability by the
 * second, independent draws. If p > 1/2, the smoothed network says this class within sigma Phi^-1(p) of the image,
 * unless with chance `alpha` the bound failed; otherwise the test abstains.
 *
 * @param selection `[K]` counts of the first draws
 * @param estimation `[K]` counts of the second draws; draws without a class may be missing
 * @param settings Noise, number of the second draws, chance of failure
 * @returns The certificate
 * @throws {RangeError} If counts and draws do not fit together, or sigma is not above 0
 *
 * @example Usage
 * ```ts
 * import { certificateOf } from "@realign/core/certify";
 * import assert from "node:assert/strict";
 *
 * const settings = { sigma: 0.25, draws: 10_000, alpha: 0.001 };
 * const sure = certificateOf([1, 99], [0, 10_000], settings);
 * assert.deepEqual([sure.class, sure.radius?.toFixed(3)], [1, "0.800"]);
 * assert.equal(certificateOf([40, 60], [5000, 5000], settings).radius, null);
 * ```
 */
export function certificateOf(
  selection: ArrayLike<number>,
  estimation: ArrayLike<number>,
  { sigma, draws, alpha }: Omit<SmoothingSettings, "selectionDraws">,
): Certificate {
  if (!(sigma > 0 && Number.isFinite(sigma))) {
    throw new RangeError(
      `Cannot certify as sigma must be a finite number above 0: current value is ${sigma}`,
    );
  }
  const counts = Array.from(selection);
  const chosen = counts.indexOf(Math.max(...counts));
  const count = estimation[chosen];
  const bound = clopperPearsonLower(count, draws, alpha);
  const radius = bound > 0.5 ? sigma * normalQuantile(bound) : null;
  return { class: chosen, count, radius };
}

/**
 * The largest radius that so many draws can prove, which all of them of one class would.
 *
 * @param settings Noise, draws, chance of failure
 *
 * @example Usage
 * ```ts
 * import { largestRadius } from "@realign/core/certify";
 * import assert from "node:assert/strict";
 *
 * assert.equal(largestRadius({ sigma: 0.25, draws: 10_000, alpha: 0.001 }).toFixed(2), "0.80");
 * ```
 */
export function largestRadius(
  { sigma, draws, alpha }: Omit<SmoothingSettings, "selectionDraws">,
): number {
  return sigma * Math.max(0, normalQuantile(clopperPearsonLower(draws, draws, alpha)));
}
