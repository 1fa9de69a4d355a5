/**
 * Adversarial training of segmenters.
 *
 * @module
 */
import type { AdversarialTraining } from "@realign/core";

/**
 * Adversarial trainings by name: `--target.train.adversarial=NAME`.
 *
 * - sat: the standard adversarial training of Xu et al. 2021, three steps of BIM on the main head's cross-entropy for
 *   one half of each batch; the other half, other pictures, stays clean
 */
export const adversarialTrainings: Readonly<Record<string, AdversarialTraining>> = {
  sat: {
    attack: { name: "bim", objective: "cross-entropy", epsilon: 0.03, stepSize: 0.01, steps: 3 },
    share: 0.5,
  },
};
