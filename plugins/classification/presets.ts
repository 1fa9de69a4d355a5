/**
 * Classification presets: the paper's settings, and small ones for two cores.
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
  robustPreset,
  sgd,
  smallNetworks,
  smallTraining,
  type TargetTraining,
} from "@realign/core";
import type { AttackSettings } from "@realign/core/attacks";
import { adversarialPresets } from "./adversarial_presets.ts";
import { lossValues } from "./loss_values.ts";

/** Common training settings of WideResNets. */
const targetTraining: TargetTraining = {
  batchSize: 128,
  epochs: 100,
  schedule: oneCycle(0.1),
  optimizer: { ...sgd, nesterov: true, weightDecay: 5e-4 },
  augmentation: "flip-crop",
};

const generatorTraining: GeneratorTraining = {
  ...paperTraining,
  batchSize: 64,
  epochs: 100,
  augmentation: "flip-crop",
};

const pgd: AttackSettings = {
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
const defaults = {
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

const cifar10: Preset = {
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
const tinyImagenet: Preset = {
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

/** Real images on two cores within an hour. */
const cifar10Small: Preset = {
  ...cifar10,
  name: "cls-cifar10-small",
  target: {
    ...cifar10.target,
    architecture: "wrn-10-2",
    train: { ...targetTraining, epochs: 12, schedule: oneCycle(0.2) },
  },
  ...smallNetworks({ width: 32, blocks: 4, size: [32, 32], others: 16 }),
  train: {
    ...generatorTraining,
    ...smallTraining,
    batchSize: 32,
    epochs: 10,
    augmentation: "flip-crop",
  },
  evaluation: { ...defaults.evaluation, examples: 1000 },
};

/** One's own folder of class folders, usually smaller than CIFAR-10, so with more passes. Set its size with `--size`. */
const folder: Preset = {
  ...cifar10Small,
  name: "cls-folder",
  dataset: { ...cifar10Small.dataset, name: "folder" },
  train: { ...cifar10Small.train, epochs: 20 },
};

/**
 * The demo: no files, target to report within minutes on two cores. Scenes are free, so there are many:
 * with a third of them, each seen three times as often, G overfitted more.
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
  ...smallNetworks({ width: 16, blocks: 3, size: [32, 32], others: 8 }),
  losses: { ...paperLosses, weights: { ...paperLosses.weights, reconstruction: 200 } },
  train: { ...cifar10Small.train, epochs: 5, attackCache: 1 },
  // Steps and step size as in the evaluation: trained on four long steps, G is weak against eight short ones.
  attack: { ...defaults.attack, stepSize: 0.0075, steps: 8 },
  evaluation: { ...defaults.evaluation, examples: 500 },
};

/** Of the noise that G is trained to remove, and that certificates are drawn with. */
const SIGMA = 0.25;

/**
 * Denoised smoothing (Salman et al. 2020): G removes Gaussian noise from what goes to O, so that `realign certify` can
 * promise an L2 radius. Both halves of a batch are pulled to x^c, and to O's own features and classes; no D, since
 * nobody has to like the pictures. Noise is drawn anew in every step.
 */
const shapesCertified: Preset = {
  ...shapes,
  name: "cls-shapes-certified",
  losses: {
    ...paperLosses,
    pixelTarget: "clean",
    weights: {
      ...paperLosses.weights,
      reconstruction: 20,
      perceptual: 0,
      adversarial: 0,
      featureMatching: 0,
      task: 1,
      featureReconstruction: 1,
      classAlign: 0,
      classInter: 0,
      classIntra: 0,
    },
  },
  train: { ...shapes.train, epochs: 4, attackCache: 0 },
  attack: { name: "gaussian", epsilon: 1, sigma: SIGMA },
  evaluation: evaluationOf({
    batchSize: 100,
    examples: 500,
    oblivious: {
      gaussian: { name: "gaussian", epsilon: 1, sigma: SIGMA },
      "pgd-l2": { ...pgd, norm: "l2", epsilon: 0.5, stepSize: 0.125, steps: 8 },
    },
    whitebox: {
      "pgd-l2-20": { ...pgd, norm: "l2", epsilon: 0.5, stepSize: 0.06, steps: 20, return: "best" },
    },
  }),
};

/** Ten steps through G, for the guard; a hundred from five starts, for the evaluation. */
const pgdOf = (steps: number, stepSize: number): AttackSettings => ({ ...pgd, steps, stepSize });
const hundred = { "pgd-100": { ...pgdOf(100, 0.003), restarts: 5, return: "best" } };

/** Two steps of 7/10 of the radius, from a uniform start. */
const twoSteps = pgdOf(2, 0.0217);

/** The demo's O against who knows G, within minutes, after the demo's G: more scenes, each seen fewer times. */
const shapesRobust = robustPreset(
  { ...shapes, dataset: { ...shapes.dataset, trainExamples: 16_000 } },
  {
    batchSize: 32,
    epochs: 8,
    startEpochs: 3,
    attack: twoSteps,
    guard: pgdOf(10, 0.0075),
    heldOut: 256,
    whitebox: hundred,
  },
);

/** Hours on two cores. */
const cifar10SmallRobust = robustPreset(cifar10Small, {
  batchSize: 32,
  epochs: 60,
  attack: twoSteps,
  guard: pgdOf(10, 0.0075),
  heldOut: 256,
  whitebox: hundred,
});

/** The authors' values, and their ResNet-50 as the substitute. */
const authors = (preset: Preset, training: AuthorsTraining): Preset => ({
  ...authorsPreset(preset, lossValues.authors, training),
  evaluation: fromResNet50("resnet50-kuangliu"),
});

const cifarAuthors: AuthorsTraining = { batchSize: 64, epochs: 100, augmentation: "flip-crop" };
const tinyAuthors: AuthorsTraining = { batchSize: 16, epochs: 30, augmentation: "flip" };

/** All classification presets by name. */
export const presets: Readonly<Record<string, Preset>> = {
  "cls-shapes": shapes,
  "cls-shapes-certified": shapesCertified,
  "cls-shapes-robust": shapesRobust,
  "cls-folder": folder,
  "cls-cifar10": cifar10,
  "cls-cifar10-authors": authors(cifar10, cifarAuthors),
  "cls-cifar10-small": cifar10Small,
  "cls-cifar10-small-robust": cifar10SmallRobust,
  "cls-cifar100": cifar100,
  "cls-cifar100-authors": authors(cifar100, cifarAuthors),
  "cls-imagenet64": imagenet64,
  "cls-tiny-imagenet": tinyImagenet,
  "cls-tiny-imagenet-authors": authors(tinyImagenet, tinyAuthors),
  "cls-cifar10-resnet50": cifar10ResNet50,
  "cls-cifar100-resnet50": cifar100ResNet50,
  "cls-imagenet64-resnet50": imagenet64ResNet50,
  ...adversarialPresets({ shapes, cifar10, cifar10Small }),
};
