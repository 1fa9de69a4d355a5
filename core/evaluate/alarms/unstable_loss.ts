/**
 * A sign of a rugged loss.
 *
 * @module
 */
import type { AlarmCheck } from "./alarm.ts";
import { percentText } from "./compare.ts";
import { findByProbe } from "./probed.ts";

/**
 * Ours, of what Pintor et al. 2022 measure as I2, with losses below 1 taken as 1: a confident network's loss
 * doubles by next to nothing.
 */
const CHANGE = 0.1;

/** Raised where tiny noise changes the loss by much. */
export const unstableLoss: AlarmCheck = {
  sign:
    "uniform noise of half of epsilon changes the loss by more than 10 % on average (losses below 1 taken as 1)",
  remedy: "average gradients over draws of noise (EOT), or smooth what is rugged (BPDA)",
  find: (evidence) =>
    findByProbe(evidence, "gradient", (of, name) => {
      const change = of("lossChangeByNoise");
      if (change <= CHANGE) return undefined;
      return {
        text: `Noise of half of epsilon changes the loss behind ${name} by ${
          percentText(change)
        } on average: it is so rugged that its gradient misleads`,
        numbers: { change },
      };
    }),
};
