/**
 * A sign of a defense that hides its gradient behind black and white.
 *
 * @module
 */
import type { AlarmCheck } from "./alarm.ts";
import { percentText } from "./compare.ts";
import { findByProbe } from "./probed.ts";

/** Ours: more than images that are restored well have. */
const MANY = 0.1;

/** Raised where a defense makes many pixels exactly black or white whose own are neither. */
export const saturatedOutputs: AlarmCheck = {
  sign: "a defense makes more than 10 % of pixels black or white whose own are neither",
  remedy: "replace the slope of its last layer in the backward pass (BPDA): it is 0 there",
  find: (evidence) =>
    findByProbe(evidence, "gradient", (of, name) => {
      const pixels = of("saturatedOutputs");
      if (pixels <= MANY) return undefined;
      return {
        text: `${name} makes ${
          percentText(pixels)
        } of the pixels black or white whose own are neither: its outputs are saturated and have no gradient there`,
        numbers: { pixels },
      };
    }),
};
