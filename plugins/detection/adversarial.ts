/**
 * Adversarial training of detectors.
 *
 * @module
 */
import type { AdversarialTraining } from "@realign/core";
import type { AttackSettings } from "@realign/core/attacks";

const epsilon = 8 / 255;
/** One step of the whole radius from a random point of the ball. */
const step = { epsilon, stepSize: epsilon, steps: 1, randomStart: "uniform" } as const;

const ascending = (objective: string): AdversarialTraining => ({
  attack: { name: "pgd", objective, ...step },
});

const mtd: AttackSettings = { name: "mtd", ...step };

/**
 * Adversarial trainings by name: `--target.train.adversarial=NAME`. Those of Zhang and Wang 2019 train on attacked images
 * alone, by the whole loss whatever was ascended.
 *
 * - cls: ascends the loss of classes
 * - loc: ascends that of locations
 * - con: ascends their sum
 * - mtd: ascends each, and keeps for each image what raises the sum more
 * - mtd-batch: RobustDet's (Dong et al. 2022): keeps for the whole batch what raises its loss more, and attacks one half
 *   of each batch; the other half, other pictures, stays clean
 *
 * @example Usage
 * ```ts
 * import { adversarialTrainings } from "@realign/detection";
 * import assert from "node:assert/strict";
 *
 * assert.equal(adversarialTrainings.con.attack?.objective, "cls+loc");
 * ```
 */
export const adversarialTrainings: Readonly<Record<string, AdversarialTraining>> = {
  cls: ascending("cls"),
  loc: ascending("loc"),
  con: ascending("cls+loc"),
  mtd: { attack: mtd },
  "mtd-batch": { attack: { ...mtd, choice: "batch" }, share: 0.5 },
};
