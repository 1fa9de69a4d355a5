/**
 * A small preset for the tests of this package.
 *
 * @module
 */
import type { Preset } from "@realign/core";

const schedule = { name: "constant", peak: 2e-4, warmup: 0 } as const;
const optimizer = {
  name: "adam",
  beta1: 0.5,
  beta2: 0.999,
  momentum: 0,
  nesterov: false,
  weightDecay: 0,
} as const;
const pgd = { name: "pgd", epsilon: 0.031, stepSize: 0.0075, steps: 8 } as const;

/** Every setting of a preset, small. */
export const samplePreset: Preset = {
  name: "cls-sample",
  task: "classification",
  seed: 1,
  dataset: { name: "shapes", trainExamples: 32, classes: 0, size: [16, 16] },
  target: {
    architecture: "resnet20",
    size: [16, 16],
    weights: "",
    train: { batchSize: 8, epochs: 1, schedule, optimizer, augmentation: "none" },
  },
  generator: {
    width: 4,
    blocks: 1,
    downsamplings: 1,
    norm: "instance",
    upsampling: "transposed",
    size: [16, 16],
  },
  discriminator: { width: 4, layers: 2, scales: 1 },
  perceptual: { width: 4, weights: "", normalization: "imagenet" },
  losses: {
    setting: "full",
    pixelTarget: "intermediate",
    stopGradient: false,
    pixelDistance: "absolute",
    margin: 1,
    interClass: "hinge",
    classReduction: "sum",
    weights: {
      reconstruction: 1,
      perceptual: 1,
      adversarial: 1,
      featureMatching: 1,
      task: 1,
      featureReconstruction: 1,
      classAlign: 1,
      classInter: 1,
      classIntra: 1,
    },
  },
  train: {
    batchSize: 8,
    epochs: 1,
    schedule,
    discriminatorSchedule: schedule,
    optimizer,
    discriminatorOptimizer: optimizer,
    augmentation: "none",
    attackCache: 1,
    averaging: 0,
    checkpointEvery: 2,
  },
  attack: pgd,
  evaluation: {
    batchSize: 8,
    examples: 16,
    attacks: { PGD: pgd },
    adaptive: { PGD: pgd },
    jpegQuality: 75,
    paper: { generator: { PGD: 89.2 } },
    paperTable: "Table 2",
  },
};
