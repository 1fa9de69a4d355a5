/**
 * A sign of a gradient that is not a number.
 *
 * @module
 */
import type { AlarmCheck } from "./alarm.ts";
import { percentText } from "./compare.ts";
import { findByProbe } from "./probed.ts";

/** Raised where any entry of the gradient on clean images is not a number. */
export const gradientNotANumber: AlarmCheck = {
  sign: "the gradient on clean images has entries that are not numbers",
  remedy: "find where it is none: a logarithm or a root of 0, weights that are not numbers",
  find: (evidence) =>
    findByProbe(evidence, "gradient", (of, name) => {
      const entries = of("notANumberGradientEntries");
      if (entries === 0) return undefined;
      return {
        text: `${
          percentText(entries)
        } of the entries of the gradient through ${name} are not numbers: attacks that follow it attack nothing`,
        numbers: { entries },
      };
    }),
};
