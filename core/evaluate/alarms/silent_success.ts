/**
 * A sign of attacks that pass what they look for.
 *
 * @module
 */
import type { AlarmCheck } from "./alarm.ts";
import { percentText } from "./compare.ts";
import { findByProbe } from "./probed.ts";

/** Ours: a few images of 32 pass the boundary and come back, of robust networks too. */
const SHARE = 0.1;

/** Raised where an earlier step fooled what the last one does not (Pintor et al. 2022, I3). */
export const silentSuccess: AlarmCheck = {
  sign:
    "more than 10 % of images are misclassified in an earlier step of PGD and right again in the last",
  remedy:
    "return any adversarial step (APGD, return=best), average over draws for a random defense",
  find: (evidence) =>
    findByProbe(evidence, "gradient", (of, name) => {
      const images = of("silentSuccesses");
      if (images <= SHARE) return undefined;
      return {
        text: `PGD through ${name} fools ${
          percentText(images)
        } of the images in an earlier step and not in the last: attacks that return the last step are too weak`,
        numbers: { images },
      };
    }),
};
