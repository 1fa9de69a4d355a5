/**
 * Learning rates over the steps of a run.
 *
 * @module
 */
import type { Schedule } from "../preset.ts";

/** Start of a one-cycle schedule, as a fraction of its peak. */
const START_SHARE = 1 / 25;
/** Its end. */
const END_SHARE = 1e-4;

/**
 * The learning rate of a step.
 *
 * - constant: the peak throughout
 * - one-cycle: by cosine from peak / 25 to the peak in the first `warmup` share, then down to about 0 (Smith 2018)
 * - constant-then-linear: the peak for half of the steps, then linearly to 0 (pix2pixHD)
 * - poly: peak * (1 - step / steps)^0.9 (PSPNet, DeepLab)
 * - cosine: by half a cosine from the peak to 0
 * - two-drops: the peak, a tenth of it after 60 % of the steps, a hundredth after 90 % (HGD)
 *
 * @param schedule Which curve
 * @param step From 0
 * @param steps Of the whole run
 * @returns The rate
 *
 * @example Usage
 * ```ts
 * import { learningRateAt } from "./schedule.ts";
 * import assert from "node:assert/strict";
 *
 * const schedule = { name: "constant-then-linear", peak: 0.2, warmup: 0 } as const;
 * assert.deepEqual([0, 5, 7.5].map((step) => learningRateAt(schedule, step, 10)), [0.2, 0.2, 0.1]);
 * ```
 */
export function learningRateAt(
  { name, peak, warmup }: Schedule,
  step: number,
  steps: number,
): number {
  const progress = Math.min(1, step / Math.max(1, steps));
  const cosine = (from: number, to: number, share: number) =>
    to + (from - to) * (1 + Math.cos(Math.PI * share)) / 2;
  switch (name) {
    case "constant":
      return peak;
    case "one-cycle":
      return warmup > 0 && progress <= warmup
        ? cosine(peak * START_SHARE, peak, progress / warmup)
        : cosine(peak, peak * END_SHARE, (progress - warmup) / (1 - warmup));
    case "constant-then-linear":
      return peak * Math.min(1, 2 * (1 - progress));
    case "poly":
      return peak * (1 - progress) ** 0.9;
    case "cosine":
      return cosine(peak, 0, progress);
    case "two-drops":
      return peak * (progress < 0.6 ? 1 : progress < 0.9 ? 0.1 : 0.01);
  }
}
