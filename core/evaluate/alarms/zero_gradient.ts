/**
 * Signs of a gradient that says nothing.
 *
 * @module
 */
import type { AlarmCheck } from "./alarm.ts";
import { percentText } from "./compare.ts";
import { findByProbe } from "./probed.ts";

/** Ours: where most entries are exactly 0, most pixels cannot be attacked by the gradient. */
const MOST = 0.5;

/** Raised where any image has a gradient of length 0 (Pintor et al. 2022, I1), or most entries are 0. */
export const zeroGradient: AlarmCheck = {
  sign:
    "an image has no gradient at all (loss or margin), or most entries of the gradient are exactly 0",
  remedy:
    "approximate what kills the gradient (BPDA), attack differences of logits, or without a gradient",
  find: (evidence) =>
    findByProbe(evidence, "gradient", (of, name) => {
      const images = Math.max(of("imagesWithoutGradient"), of("imagesWithoutMarginGradient"));
      const entries = of("zeroGradientEntries");
      if (images === 0 && entries <= MOST) return undefined;
      return {
        text: `The gradient through ${name} is exactly 0 on ${
          percentText(images)
        } of the images and in ${
          percentText(entries)
        } of its entries: attacks that follow it find nothing there`,
        numbers: { images, entries },
      };
    }),
};
