/**
 * Settings shared by the presets of all tasks: the paper's; where it is silent, those of the works it
 * builds on; and ours for training small networks in few steps.
 *
 * @module
 */
import type {
  AttackSettings,
  GeneratorTraining,
  LossSettings,
  OptimizerSettings,
  Preset,
  Schedule,
  SubstituteSettings,
} from "./preset.ts";

/** pix2pixHD's, the source of the paper's G and D; the paper names no optimizer. */
export const adam: OptimizerSettings = {
  name: "adam",
  beta1: 0.5,
  beta2: 0.999,
  momentum: 0,
  nesterov: false,
  weightDecay: 0,
};

/** Stochastic gradient descent with momentum 0.9, used for target models. */
export const sgd: OptimizerSettings = { ...adam, name: "sgd", momentum: 0.9 };

/** pix2pixHD's learning rate: constant for the first half of the steps, then linear to 0. */
export const constantThenLinear: Schedule = {
  name: "constant-then-linear",
  peak: 2e-4,
  warmup: 0,
};

/** The rate that pix2pixHD starts with, throughout. */
export const constantRate: Schedule = { name: "constant", peak: 2e-4, warmup: 0 };

/**
 * A one-cycle learning rate.
 *
 * @param peak The highest rate
 * @param warmup Fraction of the steps that it rises for
 * @returns The schedule
 *
 * @example Usage
 * ```ts
 * import { oneCycle } from "@realign/core";
 * import { learningRateAt } from "./train/schedule.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(learningRateAt(oneCycle(0.1, 0.25), 25, 100), 0.1);
 * ```
 */
export const oneCycle = (peak: number, warmup = 0.25): Schedule => ({
  name: "one-cycle",
  peak,
  warmup,
});

/** The paper does not give λ1-9, M or ‖·‖: these are ours for every task, tuned on cls-cifar10-small. */
export const paperLosses: LossSettings = {
  setting: "full",
  pixelTarget: "intermediate",
  stopGradient: "all",
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

/** pix2pixHD's D and the full VGG-16 of the perceptual loss. */
export const paperNetworks: Pick<Preset, "discriminator" | "perceptual"> = {
  discriminator: { width: 64, layers: 3, scales: 2 },
  perceptual: { width: 64, weights: "", normalization: "imagenet" },
};

/** pix2pixHD's G without its size: downsamplings differ by task. */
export const paperGenerator: Omit<Preset["generator"], "size" | "downsamplings"> = {
  width: 64,
  blocks: 9,
  norm: "instance",
  upsampling: "transposed",
};

/** The paper's training of G, except for batch size and epochs, which depend on the task. */
export const paperTraining: Omit<GeneratorTraining, "batchSize" | "epochs"> = {
  schedule: constantThenLinear,
  discriminatorSchedule: constantThenLinear,
  optimizer: adam,
  discriminatorOptimizer: adam,
  augmentation: "flip",
  attackCache: 0,
  averaging: 0,
  checkpointEvery: 1000,
};

/** Training of small Gs: few steps suffice with a high learning rate and a stable optimizer. */
export const smallTraining: Omit<GeneratorTraining, "batchSize" | "epochs"> = {
  ...paperTraining,
  schedule: oneCycle(1e-3, 0.1),
  discriminatorSchedule: oneCycle(1e-3, 0.1),
  optimizer: { ...adam, beta1: 0.9 },
  attackCache: 2,
  checkpointEvery: 200,
};

/** Small Gs: one downsampling keeps half the resolution, layer norm keeps colour and contrast. */
export const smallGenerator: Pick<Preset["generator"], "downsamplings" | "norm" | "upsampling"> = {
  downsamplings: 1,
  norm: "layer",
  upsampling: "transposed",
};

/** G, D and the perceptual network of a small preset. */
export interface SmallNetworks {
  /** G's. */
  readonly width: number;
  /** G's. */
  readonly blocks: number;
  readonly size: readonly [number, number];
  /** Of the first layers of D and of the perceptual network. */
  readonly others: number;
}

/**
 * Networks small enough for two cores.
 *
 * @param networks Widths, G's blocks and size
 * @returns G, D and the perceptual network, without weights
 *
 * @example Usage
 * ```ts
 * import { smallNetworks } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const { generator } = smallNetworks({ width: 16, blocks: 2, size: [32, 32], others: 8 });
 * assert.equal(generator.downsamplings, 1);
 * ```
 */
export function smallNetworks(
  { width, blocks, size, others }: SmallNetworks,
): Pick<Preset, "generator" | "discriminator" | "perceptual"> {
  return {
    generator: { ...smallGenerator, width, blocks, size },
    discriminator: { width: others, layers: 2, scales: 2 },
    perceptual: { ...paperNetworks.perceptual, width: others },
  };
}

/** The systems that G is compared with (section 4.5), G, and G with JPEG behind it. */
export const paperSystems: Preset["evaluation"]["systems"] = {
  identity: { defenses: [{ name: "identity" }] },
  jpeg: { defenses: [{ name: "jpeg", quality: 75 }] },
  generator: { defenses: [{ name: "generator" }] },
  "generator+jpeg": { defenses: [{ name: "generator" }, { name: "jpeg", quality: 75 }] },
};

/** The choices of `evaluationOf`. */
export interface EvaluationChoices {
  readonly batchSize: number;
  /** Examples of the test split. @default {0} all */
  readonly examples?: number;
  /** Attacks on O alone, by name. */
  readonly oblivious: Readonly<Record<string, AttackSettings>>;
  /** Attacks through G, by name. */
  readonly whitebox: Readonly<Record<string, AttackSettings>>;
  /** What is attacked in place of O, with the attacks on O alone (Tables 12 to 14). @default none */
  readonly substitutes?: Readonly<Record<string, SubstituteSettings>>;
}

/**
 * An evaluation of {@linkcode paperSystems}: all under attacks on O alone and on substitutes, G also under
 * attacks through it.
 *
 * @param choices Attacks, batch size, examples, substitutes
 * @returns A preset's evaluation
 *
 * @example Usage
 * ```ts
 * import { evaluationOf } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const pgd = { name: "pgd", epsilon: 0.031 };
 * const { threatModels } = evaluationOf({ batchSize: 50, oblivious: { pgd }, whitebox: { pgd } });
 * assert.deepEqual(threatModels.whitebox.systems, ["generator"]);
 * ```
 */
export function evaluationOf(
  { batchSize, examples = 0, oblivious, whitebox, substitutes }: EvaluationChoices,
): Preset["evaluation"] {
  return {
    batchSize,
    examples,
    systems: paperSystems,
    ...(substitutes && { substitutes }),
    threatModels: {
      oblivious: { attacks: oblivious },
      whitebox: { attacks: whitebox, systems: ["generator"] },
      ...(substitutes && { transfer: { attacks: oblivious } }),
    },
  };
}
