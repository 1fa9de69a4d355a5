/**
 * A sign of an output that has been through a softmax.
 *
 * @module
 */
import type { AlarmCheck } from "./alarm.ts";
import { findByProbe } from "./probed.ts";

/** Raised where all outputs lie in [0, 1] and sum to 1, within 1e-5 (AutoAttack's check). */
export const logitsAreProbabilities: AlarmCheck = {
  sign: "what should be logits are probabilities: all in [0, 1], with a sum of 1",
  remedy:
    "attack what stands before the softmax: after a second one the cross-entropy has hardly a gradient",
  find: (evidence) =>
    findByProbe(evidence, "all", (of, name) => {
      const probabilities = of("probabilities");
      if (probabilities < 1) return undefined;
      return {
        text:
          `The outputs behind ${name} are probabilities, not logits: a softmax of them has hardly a ` +
          "gradient, so attacks on the cross-entropy are weak",
        numbers: { probabilities },
      };
    }),
};
