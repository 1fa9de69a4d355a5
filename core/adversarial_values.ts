/**
 * Bundles of settings of adversarial training: what the works that introduced each attack O with.
 *
 * @module
 */
import { UNDEFENDED } from "./evaluate/system.ts";
import type { AdversarialTraining, AttackSettings, Preset, TargetTraining } from "./preset.ts";

const pixels = (count: number) => count / 255;

const pgd: AttackSettings = {
  name: "pgd",
  objective: "cross-entropy",
  epsilon: pixels(8),
  randomStart: "uniform",
};

/**
 * Adversarial trainings by name, for tasks with a class per image. On the command line:
 * `--target.train.adversarial=NAME`, before all other settings.
 *
 * - trades: Zhang et al. 2019, 10 steps of .007 in .031 (not 8/255), beta 6
 * - pgd: Madry et al. 2018, 7 steps of 2/255 in 8/255
 * - fast: Wong et al. 2020, one step of 10/255 in 8/255 from a random start. The original attacks in training mode
 * - free: Shafahi et al. 2019 on CIFAR, 8 replays in 8/255
 */
export const adversarialTrainings: Readonly<Record<string, AdversarialTraining>> = {
  trades: {
    attack: {
      name: "pgd",
      objective: "kl",
      epsilon: 0.031,
      stepSize: 0.007,
      steps: 10,
      randomStart: "trades",
    },
    loss: "trades",
    beta: 6,
  },
  pgd: { attack: { ...pgd, stepSize: pixels(2), steps: 7 } },
  fast: { attack: { ...pgd, stepSize: pixels(10), steps: 1 } },
  free: { replays: 8, epsilon: pixels(8) },
};

/**
 * A preset whose O is trained adversarially. O alone is then a row of the attacks that know the defense, which it is
 * itself: they attack O, and their rows say whitebox. To these attacks come those on O alone, so that a G in front and O
 * can be compared under each.
 *
 * @param preset The preset
 * @param adversarial E.g. one of {@linkcode adversarialTrainings}; undefined for plain training
 * @returns A changed copy
 *
 * @example Usage
 * ```ts
 * import { adversarialTrainings, withAdversarialTraining } from "@realign/core";
 * import classification from "@realign/classification";
 * import assert from "node:assert/strict";
 *
 * const preset = classification.presets["cls-shapes"];
 * const { target, evaluation } = withAdversarialTraining(preset, adversarialTrainings.trades);
 * assert.equal(target.train.adversarial?.beta, 6);
 * const { attacks, systems } = evaluation.threatModels.whitebox;
 * assert.deepEqual(systems, ["none", "generator"]);
 * assert.deepEqual(Object.keys(attacks), ["pgd", "deepfool", "pgd-cw", "pgd-20"]);
 * ```
 */
export function withAdversarialTraining(
  preset: Preset,
  adversarial: AdversarialTraining | undefined,
): Preset {
  const { adversarial: _, ...train } = preset.target.train;
  const target = { ...preset.target, train: { ...train, ...(adversarial && { adversarial }) } };
  const { threatModels } = preset.evaluation;
  const { oblivious, whitebox } = threatModels;
  const listed = whitebox?.systems;
  if (!adversarial || !listed || listed.includes(UNDEFENDED)) return { ...preset, target };
  const known = {
    ...whitebox,
    attacks: { ...oblivious?.attacks, ...whitebox.attacks },
    systems: [UNDEFENDED, ...listed],
  };
  return {
    ...preset,
    target,
    evaluation: { ...preset.evaluation, threatModels: { ...threatModels, whitebox: known } },
  };
}

/**
 * A preset whose O is another one: of the same architecture, but trained adversarially.
 *
 * @param preset Whose data, networks and evaluation it takes
 * @param method The end of its name, e.g. "trades"
 * @param training Of O, as far as it differs
 * @returns A preset of the name `NAME-METHOD`
 *
 * @example Usage
 * ```ts
 * import { adversarialPreset, adversarialTrainings } from "@realign/core";
 * import { toyPreset } from "./testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * const adversarial = adversarialTrainings.free;
 * const { name, target } = adversarialPreset(toyPreset, "free", { adversarial, epochs: 40 });
 * assert.equal(name, "toy-free");
 * assert.deepEqual([target.train.epochs, target.train.adversarial?.replays], [40, 8]);
 * ```
 */
export function adversarialPreset(
  preset: Preset,
  method: string,
  { adversarial, ...training }: Partial<TargetTraining>,
): Preset {
  const { target, ...rest } = withAdversarialTraining(preset, adversarial);
  const train = { ...target.train, ...training };
  return { ...rest, name: `${preset.name}-${method}`, target: { ...target, train } };
}
