/**
 * Presets that train G against an attacker who knows it.
 *
 * @module
 */
import type {
  AttackSettings,
  GeneratorTraining,
  LossSettings,
  Preset,
  Schedule,
} from "./preset.ts";
import { adam, oneCycle, paperLosses } from "./paper_settings.ts";

/**
 * L_o alone, x̂^c at half: every other term of L_g draws x̂^a to a picture, which costs G capacity. Add them one by one
 * (`losses.weights`) for the paper's look.
 */
export const robustLosses: LossSettings = {
  ...paperLosses,
  weights: {
    reconstruction: 0,
    perceptual: 0,
    adversarial: 0,
    featureMatching: 0,
    task: 1,
    featureReconstruction: 0,
    classAlign: 0,
    classInter: 0,
    classIntra: 0,
  },
  cleanWeight: 0.5,
};

/** What a task or a dataset says of such a training. */
export interface RobustChoices extends Pick<GeneratorTraining, "batchSize" | "epochs"> {
  /** The attack that G is trained against: two or three steps. */
  readonly attack: AttackSettings;
  /** The attack of the guard: about ten steps. */
  readonly guard: AttackSettings;
  /** Examples that are held out for the guard. */
  readonly heldOut: number;
  /** @default one-cycle, with a peak of 1e-3 after a fifth of the steps */
  readonly schedule?: Schedule;
  /** Passes of the training against O alone that it starts from. @default those of the preset */
  readonly startEpochs?: number;
  /** Attacks through G by name, besides the preset's own. */
  readonly whitebox: Readonly<Record<string, AttackSettings>>;
}

/**
 * A preset that trains G against attacks through it: on images made in every step, by an attack that grows, with a guard
 * and an average of the weights. It starts from a G that is trained with the preset's own losses against O alone.
 *
 * @param preset Whose data, O and networks it takes
 * @param choices Attacks, batch size, epochs
 * @returns A preset of the name `NAME-robust`
 *
 * @example Usage
 * ```ts
 * import { robustPreset } from "@realign/core";
 * import { toyPreset } from "./testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * const attack = { name: "pgd", epsilon: 0.1 };
 * const choices = { batchSize: 4, epochs: 2, attack, guard: attack, heldOut: 6, whitebox: { pgd: attack } };
 * const { name, train } = robustPreset(toyPreset, choices);
 * assert.equal(name, "toy-robust");
 * assert.deepEqual([train.adversary, train.attackCache, train.guard?.examples], ["system", 0, 6]);
 * ```
 */
export function robustPreset(
  preset: Preset,
  choices: RobustChoices,
): Preset {
  const { batchSize, epochs, schedule, startEpochs, attack, guard, heldOut, whitebox } = choices;
  const { threatModels } = preset.evaluation;
  const before = threatModels.whitebox;
  return {
    ...preset,
    name: `${preset.name}-robust`,
    losses: robustLosses,
    train: {
      ...preset.train,
      batchSize,
      epochs,
      schedule: schedule ?? oneCycle(1e-3, 0.2),
      optimizer: { ...adam, beta1: 0.9 },
      attackCache: 0,
      adversary: "system",
      ramp: 0.4,
      start: { epochs: startEpochs ?? preset.train.epochs, losses: preset.losses },
      guard: { examples: heldOut, attack: guard },
      averaging: 0.995,
    },
    attack,
    evaluation: {
      ...preset.evaluation,
      threatModels: {
        ...threatModels,
        whitebox: { ...before, attacks: { ...before?.attacks, ...whitebox } },
      },
    },
  };
}
