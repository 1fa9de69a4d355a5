/**
 * Classification presets for two cores.
 *
 * @module
 */
import {
  evaluationOf,
  oneCycle,
  paperLosses,
  type Preset,
  robustPreset,
  smallNetworks,
  smallTraining,
} from "@realign/core";
import type { AttackSettings } from "@realign/core/attacks";
import {
  cifar10,
  defaults,
  generatorTraining,
  pgd,
  targetTraining,
  tinyImagenet,
} from "./paper_presets.ts";

/** Real images on two cores within an hour. */
export const cifar10Small: Preset = {
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

/** Real images of 64x64 in 2,400 examples, the 20 classes of a sample, so with many passes. */
const tinyImagenetSmall: Preset = {
  ...cifar10Small,
  name: "cls-tiny-imagenet-small",
  dataset: { ...tinyImagenet.dataset },
  target: {
    ...cifar10Small.target,
    size: [64, 64],
    train: { ...cifar10Small.target.train, epochs: 40 },
  },
  ...smallNetworks({ width: 16, blocks: 4, size: [64, 64], others: 8 }),
  train: { ...cifar10Small.train, epochs: 10 },
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
export const shapes: Preset = {
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
const hundred = {
  "pgd-100": { ...pgdOf(100, 0.003), restarts: 5, return: "best", untilFooled: true },
};

/** Two steps of 7/10 of the radius, from a uniform start. */
const twoSteps = pgdOf(2, 0.0217);

/**
 * The demo's O against who knows G, within minutes, after the demo's G: more scenes, each seen fewer times, at a rate
 * that stays high for longer than a cycle's.
 */
const shapesRobust = robustPreset(
  { ...shapes, dataset: { ...shapes.dataset, trainExamples: 16_000 } },
  {
    batchSize: 32,
    epochs: 6,
    schedule: { name: "constant-then-linear", peak: 1e-3, warmup: 0 },
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

/** By name. */
export const smallPresets = {
  "cls-shapes": shapes,
  "cls-shapes-certified": shapesCertified,
  "cls-shapes-robust": shapesRobust,
  "cls-folder": folder,
  "cls-cifar10-small": cifar10Small,
  "cls-tiny-imagenet-small": tinyImagenetSmall,
  "cls-cifar10-small-robust": cifar10SmallRobust,
} satisfies Readonly<Record<string, Preset>>;
