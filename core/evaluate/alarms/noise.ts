/**
 * A sign of a system that is wrong beside its images, where no attack should be needed.
 *
 * @module
 */
import type { AlarmCheck } from "./alarm.ts";
import { type AttackRow, findByAttacker } from "./attacker_rows.ts";
import { cleanOf, isBelow, leastOf, MARGIN, percentText } from "./compare.ts";

const isNoise = ({ settings }: AttackRow) => settings.name === "noise";

/** Raised where random noise within epsilon loses more than a point. */
export const noiseFindsErrors: AlarmCheck = {
  sign: "random noise within epsilon costs more than 1 point",
  remedy: "train on noise; report the noise figure, which needs no attacker",
  find: (evidence) =>
    findByAttacker(evidence, (rows, system) => {
      const [noisy, clean] = [leastOf(rows.filter(isNoise)), cleanOf(evidence.rows, system)];
      if (!noisy || !clean || !isBelow(noisy, clean, MARGIN)) return [];
      const [noise, without] = [noisy.metric.value, clean.metric.value];
      return [{
        text: `Random noise within epsilon leaves ${
          percentText(noise)
        } of "${system}", clean images ${percentText(without)}: it errs without an attacker`,
        numbers: { clean: without, noise, difference: without - noise },
      }];
    }),
};
