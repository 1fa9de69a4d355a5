/**
 * Adversarial training of segmenters.
 *
 * @module
 */
import type { AdversarialTraining } from "@realign/core";

const sat: AdversarialTraining = {
  attack: { name: "bim", objective: "cross-entropy", epsilon: 0.03, stepSize: 0.01, steps: 3 },
  share: 0.5,
};

/**
 * Adversarial trainings by name: `--target.train.adversarial=NAME`.
 *
 * - sat: the standard adversarial training of Xu et al. 2021, three steps of BIM on the main head's cross-entropy for
 *   one half of each batch; the other half, other pictures, stays clean
 * - ddcat: their divide-and-conquer training, the same with two more heads that are trained along: one for the pixels
 *   that the attack changes, one that tells which these are. O keeps its own head alone
 *
 * @example Usage
 * ```ts
 * import { adversarialTrainings } from "@realign/segmentation";
 * import assert from "node:assert/strict";
 *
 * assert.equal(adversarialTrainings.ddcat.share, 0.5);
 * ```
 */
export const adversarialTrainings: Readonly<Record<string, AdversarialTraining>> = {
  sat,
  ddcat: { ...sat, loss: "ddcat" },
};
