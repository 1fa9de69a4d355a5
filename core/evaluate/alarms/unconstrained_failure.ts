/**
 * A sign of an attack that cannot succeed whatever it may change.
 *
 * @module
 */
import type { AlarmCheck } from "./alarm.ts";
import { percentText } from "./compare.ts";
import { findByProbe } from "./probed.ts";

/** Ours: an image or two of 32 may need more than 20 steps. */
const SHARE = 0.05;

/** Raised where images withstand PGD that may change them at will (Pintor et al. 2022, I6). */
export const unconstrainedFailure: AlarmCheck = {
  sign: "more than 5 % of images withstand an attack that may change every pixel at will",
  remedy: "nothing is robust to that: find what masks the gradient, attack without one",
  find: (evidence) =>
    findByProbe(evidence, "gradient", (of, name) => {
      const images = of("unconstrainedSurvivors");
      if (images <= SHARE) return undefined;
      return {
        text: `${
          percentText(images)
        } of the images withstand PGD through ${name} that may change every pixel at will: the gradient leads nowhere`,
        numbers: { images },
      };
    }),
};
