/**
 * The paper's settings for classification, and its authors'.
 *
 * @module
 */
import {
  authorsPreset,
  type AuthorsTraining,
  type EvaluationChoices,
  evaluationOf,
  type GeneratorTraining,
  oneCycle,
  paperGenerator,
  paperLosses,
  paperNetworks,
  paperTraining,
  type Preset,
  sgd,
  type TargetTraining,
} from "@realign/core";
import type { AttackSettings } from "@realign/core/attacks";
import { lossValues } from "./loss_values.ts";

/** Common training settings of WideResNets. */
export const targetTraining: TargetTraining = {
  batchSize: 128,
  epochs: 100,
  schedule: oneCycle(0.1),
  optimizer: { ...sgd, nesterov: true, weightDecay: 5e-4 },
  augmentation: "flip-crop",
};

export const generatorTraining: GeneratorTraining = {
  ...paperTraining,
  batchSize: 64,
  epochs: 100,
  augmentation: "flip-crop",
};

export const pgd: AttackSettings = {
  name: "pgd",
  objective: "cross-entropy",
  epsilon: 0.031,
  randomStart: "uniform",
};

/** Attacks of sections 4.2 and A.1. */
const attacks: EvaluationChoices = {
  batchSize: 100,
  oblivious: {
    pgd: { ...pgd, stepSize: 0.0075, steps: 8 },
    deepfool: {
      name: "deepfool",
      epsilon: 0.031,
      norm: "linf",
      steps: 50,
      candidates: 10,
      overshoot: 0.02,
    },
    // The paper gives its epsilon and step size but not the number of steps: PGD's is used.
    "pgd-cw": {
      name: "pgd-cw",
      epsilon: 0.031,
      stepSize: 0.0075,
      steps: 8,
      randomStart: "uniform",
    },
  },
  whitebox: { "pgd-20": { ...pgd, stepSize: 0.003, steps: 20, return: "best" } },
};

/** Section A.2: attacks on a ResNet-50 in place of a WideResNet; how it was trained is unsaid. */
const fromResNet50 = (architecture: string): Preset["evaluation"] =>
  evaluationOf({ ...attacks, substitutes: { resnet50: { architecture, weights: "" } } });

/** The paper's settings (sections 4.2 and A.1); where it is silent, those of the works it builds on. */
export const defaults = {
  task: "classification",
  seed: 1,
  target: { architecture: "wrn-34-10", size: [32, 32], weights: "", train: targetTraining },
  generator: { ...paperGenerator, downsamplings: 2, size: [32, 32] },
  ...paperNetworks,
  losses: paperLosses,
  train: generatorTraining,
  attack: {
    name: "pgd",
    objective: "kl",
    epsilon: 0.031,
    stepSize: 0.0175,
    steps: 4,
    randomStart: "trades",
  },
  evaluation: evaluationOf(attacks),
} satisfies Omit<Preset, "name" | "dataset">;

export const cifar10: Preset = {
  ...defaults,
  name: "cls-cifar10",
  dataset: { name: "cifar10", trainExamples: 0, classes: 0, size: [32, 32] },
  evaluation: fromResNet50("resnet50-cifar"),
};

const cifar100: Preset = {
  ...defaults,
  name: "cls-cifar100",
  dataset: { name: "cifar100", trainExamples: 0, classes: 0, size: [32, 32] },
  evaluation: fromResNet50("resnet50-cifar"),
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
  evaluation: fromResNet50("resnet50-64"),
};

/** ImageNet in 64x64 as the authors' code has it: 200 classes, 100,000 images. */
export const tinyImagenet: Preset = {
  ...imagenet64,
  name: "cls-tiny-imagenet",
  dataset: { name: "tiny-imagenet", trainExamples: 0, classes: 0, size: [64, 64] },
  target: { ...imagenet64.target, train: { ...targetTraining, epochs: 100 } },
  train: { ...generatorTraining, epochs: 30, augmentation: "flip" },
};

/** A preset with the paper's other O (Tables 6 and 10), which is the substitute elsewhere. */
const onResNet50 = (preset: Preset, architecture: string): Preset => ({
  ...preset,
  name: `${preset.name}-resnet50`,
  target: { ...preset.target, architecture },
  evaluation: defaults.evaluation,
});

const cifar10ResNet50 = onResNet50(cifar10, "resnet50-cifar");
const cifar100ResNet50 = onResNet50(cifar100, "resnet50-cifar");
const imagenet64ResNet50 = onResNet50(imagenet64, "resnet50-64");

/** The authors' values, and their ResNet-50 as the substitute. */
const authors = (preset: Preset, training: AuthorsTraining): Preset => ({
  ...authorsPreset(preset, lossValues.authors, training),
  evaluation: fromResNet50("resnet50-kuangliu"),
});

const cifarAuthors: AuthorsTraining = { batchSize: 64, epochs: 100, augmentation: "flip-crop" };
const tinyAuthors: AuthorsTraining = { batchSize: 16, epochs: 30, augmentation: "flip" };

/** By name. */
export const paperPresets = {
  "cls-cifar10": cifar10,
  "cls-cifar10-authors": authors(cifar10, cifarAuthors),
  "cls-cifar100": cifar100,
  "cls-cifar100-authors": authors(cifar100, cifarAuthors),
  "cls-imagenet64": imagenet64,
  "cls-tiny-imagenet": tinyImagenet,
  "cls-tiny-imagenet-authors": authors(tinyImagenet, tinyAuthors),
  "cls-cifar10-resnet50": cifar10ResNet50,
  "cls-cifar100-resnet50": cifar100ResNet50,
  "cls-imagenet64-resnet50": imagenet64ResNet50,
} satisfies Readonly<Record<string, Preset>>;
