/**
 * A sign of a random defense.
 *
 * @module
 */
import type { AlarmCheck } from "./alarm.ts";
import { percentText } from "./compare.ts";
import { findByProbe } from "./probed.ts";

/** Raised where repeated passes over the same clean images differ (AutoAttack's check). */
export const unstablePrediction: AlarmCheck = {
  sign: "repeated passes over the same clean images give other predictions or logits",
  remedy:
    "average gradients over draws (EOT), report the mean of many passes, and freeze the randomness once",
  find: (evidence) =>
    findByProbe(evidence, "all", (of, name) => {
      const [predictions, logits] = [of("changedPredictions"), of("changedLogits")];
      if (predictions === 0 && logits === 0) return undefined;
      return {
        text: `Five passes over the same clean images through ${name} give other predictions for ${
          percentText(predictions)
        } of them and other logits for ${
          percentText(logits)
        }: a single pass makes attacks on it look weaker than they are`,
        numbers: { predictions, logits },
      };
    }),
};
