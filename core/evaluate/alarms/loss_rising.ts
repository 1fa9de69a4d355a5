/**
 * A sign of an attack that is cut off before it is done.
 *
 * @module
 */
import type { AlarmCheck } from "./alarm.ts";
import { percentText } from "./compare.ts";
import { findByProbe } from "./probed.ts";

/** Share of the loss's range (Pintor et al. 2022, I4). */
const RISE = 0.05;

/** Raised where the loss of images that withstand 20 steps still rises at their end. */
export const lossRising: AlarmCheck = {
  sign: "the loss still rises by more than 5 % of its range in the last 10 of 20 steps",
  remedy:
    "more steps, another step size (APGD adapts it), averaged gradients for a random defense (EOT)",
  find: (evidence) =>
    findByProbe(evidence, "gradient", (of, name) => {
      const rise = of("lossRiseAtEnd");
      if (rise <= RISE) return undefined;
      return {
        text:
          `In the last 10 of 20 steps of PGD through ${name} the loss of what withstands it still rises by ${
            percentText(rise)
          } of its range: more steps would do more damage`,
        numbers: { rise },
      };
    }),
};
