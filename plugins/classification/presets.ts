/**
 * What classification runs are made from: the paper's settings, and small ones for two cores.
 *
 * @module
 */
import type {
  GeneratorTraining,
  LossSettings,
  OptimizerSettings,
  Preset,
  Schedule,
  TargetTraining,
} from "@realign/core";
import { paperCifar10, paperCifar100, paperImageNet } from "./paper_results.ts";

/** pix2pixHD's, which the paper's G and D come from; the paper names no optimizer. */
const adam: OptimizerSettings = {
  name: "adam",
  beta1: 0.5,
  beta2: 0.999,
  momentum: 0,
  nesterov: false,
  weightDecay: 0,
};

/** What WideResNets are commonly trained with. */
const sgd: OptimizerSettings = {
  ...adam,
  name: "sgd",
  momentum: 0.9,
  nesterov: true,
  weightDecay: 5e-4,
};

const constantThenLinear: Schedule = { name: "constant-then-linear", peak: 2e-4, warmup: 0 };

const oneCycle = (peak: number, warmup = 0.25): Schedule => ({ name: "one-cycle", peak, warmup });

/** The paper gives neither λ1-9 nor M nor ‖·‖: these are ours, tuned on cls-cifar10-small, for every preset. */
const losses: LossSettings = {
  setting: "full",
  pixelTarget: "intermediate",
  stopGradient: true,
  pixelDistance: "squared",
  weights: {
    reconstruction: 100,
    perceptual: 2,
    adversarial: 0.5,
    featureMatching: 2,
    task: 1,
    featureReconstruction: 5,
    classAlign: 5,
    classInter: 1,
    classIntra: 2,
  },
  margin: 1,
  interClass: "hinge",
  classReduction: "mean",
};

const targetTraining: TargetTraining = {
  batchSize: 128,
  epochs: 100,
  schedule: oneCycle(0.1),
  optimizer: sgd,
  augmentation: "flip-crop",
};

const generatorTraining: GeneratorTraining = {
  batchSize: 64,
  epochs: 100,
  schedule: constantThenLinear,
  discriminatorSchedule: constantThenLinear,
  optimizer: adam,
  discriminatorOptimizer: adam,
  augmentation: "flip-crop",
  attackCache: 0,
  averaging: 0,
  checkpointEvery: 1000,
};

/** The paper's settings (sections 4.2 and A.1), and where it is silent, those of the works that it builds on. */
const defaults = {
  task: "classification",
  seed: 1,
  target: { architecture: "wrn-34-10", size: [32, 32], weights: "", train: targetTraining },
  generator: {
    width: 64,
    blocks: 9,
    downsamplings: 2,
    norm: "instance",
    upsampling: "transposed",
    size: [32, 32],
  },
  discriminator: { width: 64, layers: 3, scales: 2 },
  perceptual: { width: 64, weights: "", normalization: "imagenet" },
  losses,
  train: generatorTraining,
  attack: {
    name: "pgd",
    objective: "kl",
    epsilon: 0.031,
    stepSize: 0.0175,
    steps: 4,
    randomStart: "normal",
  },
  evaluation: {
    batchSize: 100,
    examples: 0,
    attacks: {
      pgd: {
        name: "pgd",
        objective: "cross-entropy",
        epsilon: 0.031,
        stepSize: 0.0075,
        steps: 8,
        randomStart: "uniform",
      },
      deepfool: {
        name: "deepfool",
        epsilon: 0.031,
        norm: "linf",
        steps: 50,
        candidates: 10,
        overshoot: 0.02,
      },
      // The paper gives its epsilon and step size but no steps: as many as PGD's.
      "carlini-wagner": {
        name: "pgd",
        objective: "carlini-wagner",
        epsilon: 0.031,
        stepSize: 0.0075,
        steps: 8,
        randomStart: "uniform",
      },
    },
    adaptive: {
      "pgd-20": {
        name: "pgd",
        objective: "cross-entropy",
        epsilon: 0.031,
        stepSize: 0.003,
        steps: 20,
        randomStart: "uniform",
        return: "best",
      },
    },
    jpegQuality: 75,
    paper: {},
    paperTable: "",
  },
} satisfies Omit<Preset, "name" | "dataset">;

const cifar10: Preset = {
  ...defaults,
  name: "cls-cifar10",
  dataset: { name: "cifar10", trainExamples: 0, classes: 0, size: [32, 32] },
  evaluation: {
    ...defaults.evaluation,
    paper: paperCifar10,
    paperTable: "Tables 1 and 5, CIFAR10",
  },
};

const cifar100: Preset = {
  ...defaults,
  name: "cls-cifar100",
  dataset: { name: "cifar100", trainExamples: 0, classes: 0, size: [32, 32] },
  evaluation: {
    ...defaults.evaluation,
    paper: paperCifar100,
    paperTable: "Tables 1 and 5, CIFAR100",
  },
};

const imagenet64: Preset = {
  ...defaults,
  name: "cls-imagenet64",
  dataset: { name: "imagenet64", trainExamples: 0, classes: 0, size: [64, 64] },
  target: {
    ...defaults.target,
    size: [64, 64],
    train: { ...targetTraining, epochs: 40 },
  },
  generator: { ...defaults.generator, size: [64, 64] },
  train: { ...generatorTraining, epochs: 10 },
  evaluation: {
    ...defaults.evaluation,
    paper: paperImageNet,
    paperTable: "Tables 1 and 5, ImageNet",
  },
};

/** Of small presets: few steps are enough at a high rate with a calm optimizer, where G keeps half of the resolution. */
const small: Pick<GeneratorTraining, "schedule" | "discriminatorSchedule" | "optimizer"> = {
  schedule: oneCycle(1e-3, 0.1),
  discriminatorSchedule: oneCycle(1e-3, 0.1),
  optimizer: { ...adam, beta1: 0.9 },
};

/** Real pictures on two cores within the hour. */
const cifar10Small: Preset = {
  ...cifar10,
  name: "cls-cifar10-small",
  target: {
    ...cifar10.target,
    architecture: "wrn-10-2",
    train: { ...targetTraining, epochs: 12, schedule: oneCycle(0.2) },
  },
  generator: { ...cifar10.generator, width: 32, blocks: 4, downsamplings: 1, norm: "layer" },
  discriminator: { width: 16, layers: 2, scales: 2 },
  perceptual: { ...cifar10.perceptual, width: 16 },
  train: {
    ...generatorTraining,
    ...small,
    batchSize: 32,
    epochs: 10,
    attackCache: 2,
    checkpointEvery: 200,
  },
  evaluation: { ...cifar10.evaluation, examples: 1000 },
};

/**
 * The demo: no files, target to report within minutes on two cores. Scenes cost nothing, so there are many:
 * of a third of them, seen three times as often, G learnt more by heart.
 */
const shapes: Preset = {
  ...cifar10Small,
  name: "cls-shapes",
  dataset: { name: "shapes", trainExamples: 9000, classes: 0, size: [32, 32] },
  target: {
    ...cifar10Small.target,
    architecture: "wrn-10-1",
    train: { ...cifar10Small.target.train, epochs: 9 },
  },
  generator: { ...cifar10Small.generator, width: 16, blocks: 3 },
  discriminator: { width: 8, layers: 2, scales: 2 },
  perceptual: { ...cifar10Small.perceptual, width: 8 },
  losses: { ...losses, weights: { ...losses.weights, reconstruction: 200 } },
  train: { ...cifar10Small.train, epochs: 5, attackCache: 1 },
  // The steps and step size that it is tested with: four long ones leave G open to eight short ones.
  attack: { ...defaults.attack, stepSize: 0.0075, steps: 8 },
  evaluation: { ...defaults.evaluation, examples: 500 },
};

/** All classification presets by name. */
export const presets: Readonly<Record<string, Preset>> = {
  "cls-shapes": shapes,
  "cls-cifar10": cifar10,
  "cls-cifar10-small": cifar10Small,
  "cls-cifar100": cifar100,
  "cls-imagenet64": imagenet64,
};
