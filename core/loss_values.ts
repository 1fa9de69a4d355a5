/**
 * Bundles of loss settings: the paper's words with our values where it is silent, and the values of the authors' code.
 *
 * @module
 */
import { constantRate, paperLosses, paperNetworks, paperTraining } from "./paper_settings.ts";
import type { GeneratorTraining, LossSettings, Preset } from "./preset.ts";

/**
 * All that computes L_g but its architecture: a bundle of settings that a preset takes as one, e.g. the paper's words
 * or the authors' code. On the command line: `--losses.values=NAME`, before all other settings.
 */
export interface LossValues {
  /** All of `losses` but which row of Table 1. */
  readonly losses: Required<Omit<LossSettings, "setting">>;
  /** Φ but its width and weights. */
  readonly perceptual: Required<Omit<Preset["perceptual"], "width" | "weights">>;
  readonly discriminator: Required<Pick<Preset["discriminator"], "condition">>;
  readonly generator: Required<Pick<Preset["generator"], "resize">>;
}

const { setting: _, ...losses } = paperLosses;

/** The paper's words, and our values where it is silent: every preset's unless it says otherwise. */
export const paperValues: LossValues = {
  losses: {
    intraReduction: "classes",
    features: "penultimate",
    reconstructionFeatures: "rows",
    ignored: "skip",
    cleanFeatures: "loaded",
    at: "dataset",
    cleanWeight: 1,
    ...losses,
  },
  perceptual: {
    architecture: "vgg16",
    taps: "last",
    tapWeights: [1, 1, 1, 1, 1],
    normalization: paperNetworks.perceptual.normalization,
  },
  discriminator: { condition: "none" },
  generator: { resize: "half-pixel" },
};

/**
 * The values of the authors' code that all tasks share; each task adds its features. λ4 is theirs for images in
 * `[0, 1]`: 50 in `[-1, 1]`.
 */
export const authorsValues: LossValues = {
  losses: {
    pixelTarget: "intermediate",
    stopGradient: "perceptual",
    pixelDistance: "absolute",
    weights: {
      reconstruction: 100,
      perceptual: 10,
      adversarial: 1,
      featureMatching: 10,
      task: 2,
      featureReconstruction: 4,
      classAlign: 0.1,
      classInter: 0.005,
      classIntra: 1,
    },
    margin: 5,
    interClass: "hinge",
    classReduction: "sum",
    intraReduction: "classes",
    features: "penultimate",
    reconstructionFeatures: "rows",
    ignored: "skip",
    cleanFeatures: "round-trip",
    at: "generator",
    cleanWeight: 1,
  },
  perceptual: {
    architecture: "vgg19",
    taps: "first",
    tapWeights: [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1],
    normalization: "centred",
  },
  discriminator: { condition: "labels" },
  generator: { resize: "align-corners" },
};

/**
 * The authors' training of G but for batch size, epochs and augmentation: pix2pixHD's rate, which stays for the first
 * 100 epochs, and so throughout.
 */
const authorsTraining: Omit<GeneratorTraining, "batchSize" | "epochs"> = {
  ...paperTraining,
  schedule: constantRate,
  discriminatorSchedule: constantRate,
};

/**
 * A preset with all values of a bundle; which row of Table 1 it trains, its networks' sizes and its weights stay.
 *
 * @param preset The preset
 * @param values E.g. one of a plugin's `lossValues`
 * @returns A changed copy
 *
 * @example Usage
 * ```ts
 * import { authorsValues, withLossValues } from "@realign/core";
 * import classification from "@realign/classification";
 * import assert from "node:assert/strict";
 *
 * const preset = classification.presets["cls-shapes"];
 * const { losses, perceptual } = withLossValues(preset, authorsValues);
 * assert.equal(losses.margin, 5);
 * assert.equal(losses.setting, preset.losses.setting);
 * assert.equal(perceptual.width, preset.perceptual.width);
 * ```
 */
export function withLossValues(preset: Preset, values: LossValues): Preset {
  return {
    ...preset,
    losses: { ...values.losses, setting: preset.losses.setting },
    perceptual: { ...preset.perceptual, ...values.perceptual },
    discriminator: { ...preset.discriminator, ...values.discriminator },
    generator: { ...preset.generator, ...values.generator },
  };
}

/** What the authors' code says of a dataset's training. */
export type AuthorsTraining = Pick<GeneratorTraining, "batchSize" | "epochs" | "augmentation">;

/**
 * A preset as the authors' code trains G: a bundle of losses, the constant rate, and a batch size, epochs and
 * augmentation.
 *
 * @param preset Whose name the new one's begins with
 * @param values The losses, by the task's features
 * @param training By the dataset
 * @returns A preset of the name `NAME-authors`
 *
 * @example Usage
 * ```ts
 * import { authorsPreset, authorsValues } from "@realign/core";
 * import classification from "@realign/classification";
 * import assert from "node:assert/strict";
 *
 * const { "cls-shapes": shapes } = classification.presets;
 * const training = { batchSize: 4, epochs: 2, augmentation: "none" };
 * const { name, train } = authorsPreset(shapes, authorsValues, training);
 * assert.equal(name, "cls-shapes-authors");
 * assert.deepEqual([train.batchSize, train.schedule.name], [4, "constant"]);
 * ```
 */
export function authorsPreset(
  preset: Preset,
  values: LossValues,
  training: AuthorsTraining,
): Preset {
  return {
    ...withLossValues(preset, values),
    name: `${preset.name}-authors`,
    train: { ...authorsTraining, ...training },
  };
}
