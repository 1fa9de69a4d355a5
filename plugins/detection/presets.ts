/**
 * Detection presets: the paper's settings, and small ones for two cores.
 *
 * @module
 */
import {
  authorsPreset,
  type EvaluationChoices,
  evaluationOf,
  type GeneratorTraining,
  oneCycle,
  type OptimizerSettings,
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
import type { AttackSettings, MemberSettings } from "@realign/core/attacks";
import { lossValues } from "./loss_values.ts";

/** Exactly 8 of 255 (A.1). */
const epsilon = 8 / 255;

/** SSD's training settings. */
const optimizer: OptimizerSettings = { ...sgd, weightDecay: 5e-4 };

/** SSD's: 120,000 steps of 32 images, of the 16,551 of VOC 2007 + 2012. */
const targetTraining: TargetTraining = {
  batchSize: 32,
  epochs: 232,
  schedule: { name: "constant-then-linear", peak: 1e-3, warmup: 0 },
  optimizer,
  augmentation: "ssd",
};

const generatorTraining: GeneratorTraining = { ...paperTraining, batchSize: 8, epochs: 50 };

/** Step size and number of steps of an attack. */
type Steps = Pick<AttackSettings, "steps" | "stepSize">;

/** The paper does not give the steps: ten of 2/255 from a random start. */
const ten: Steps = { steps: 10, stepSize: 2 / 255 };

const pgd = (objective: string, steps: Steps): AttackSettings => ({
  name: "pgd",
  objective,
  epsilon,
  ...steps,
  randomStart: "uniform",
});

/** Without epsilon, as a member of another attack. */
function member({ epsilon: _, ...rest }: AttackSettings): MemberSettings {
  return rest;
}

/** The paper trains on attacks of classes and of locations; each batch draws one of them. */
const eitherOf = (steps: Steps): AttackSettings => ({
  name: "mixture",
  epsilon,
  members: [member(pgd("cls", steps)), member(pgd("loc", steps))],
});

/** MTD, the stronger of both for each image. */
const mtd = (steps: Steps): AttackSettings => ({
  name: "mtd",
  epsilon,
  ...steps,
  randomStart: "uniform",
});

/** The paper's evaluation attacks, single-step and iterated, and MTD. */
const attacks = (steps: Steps): Record<string, AttackSettings> => ({
  "cls-fgsm": { name: "fgsm", objective: "cls", epsilon },
  "loc-fgsm": { name: "fgsm", objective: "loc", epsilon },
  cls: pgd("cls", steps),
  loc: pgd("loc", steps),
  "cls+loc": pgd("cls+loc", steps),
  mtd: mtd(steps),
});

/** MTD as against O alone, and both losses with small steps. */
const whitebox = (steps: Steps): Record<string, AttackSettings> => ({
  mtd: mtd(steps),
  "cls+loc-20": { ...pgd("cls+loc", { steps: 20, stepSize: 1 / 255 }), return: "best" },
});

const choices: EvaluationChoices = {
  batchSize: 16,
  oblivious: attacks(ten),
  whitebox: whitebox(ten),
};

/** The paper's settings (sections 4.2 and A.1); where it is silent, those of the works it builds on. */
const defaults = {
  task: "detection",
  seed: 1,
  target: {
    architecture: "ssd300-amdegroot",
    size: [300, 300],
    weights: "",
    train: targetTraining,
  },
  generator: { ...paperGenerator, downsamplings: 4, size: [256, 256] },
  ...paperNetworks,
  losses: paperLosses,
  train: generatorTraining,
  attack: eitherOf(ten),
  evaluation: evaluationOf(choices),
} satisfies Omit<Preset, "name" | "dataset">;

/** Section A.2: attacks on an RFBNet in place of an SSD; how it was trained is unsaid. */
const substitutes = { rfbnet: { architecture: "rfb300-vgg16", weights: "" } };

const voc0712: Preset = {
  ...defaults,
  name: "det-voc0712",
  dataset: { name: "voc0712", trainExamples: 0, classes: 0, size: [256, 256] },
  evaluation: evaluationOf({ ...choices, substitutes }),
};

const voc0712RfbNet: Preset = {
  ...voc0712,
  name: "det-voc0712-rfbnet",
  target: { ...voc0712.target, architecture: "rfb300-vgg16" },
  evaluation: defaults.evaluation,
};

const single = (objective: string) => ({ name: "fgsm", objective });

/**
 * The authors' values: images of O's size, which alone G resizes, not augmented; one step against classes or
 * locations. The paper's figures are of one step too; ten follow beside them.
 */
const voc0712Authors: Preset = {
  ...authorsPreset(voc0712, lossValues.authors, {
    batchSize: 4,
    epochs: 70,
    augmentation: "none",
  }),
  dataset: { ...voc0712.dataset, size: voc0712.target.size },
  attack: { name: "mixture", epsilon, members: ["cls", "loc"].map(single) },
  evaluation: evaluationOf({
    batchSize: 16,
    oblivious: {
      ...Object.fromEntries(
        ["cls", "loc", "cls+loc"].map((
          objective,
        ) => [objective, { ...single(objective), epsilon }]),
      ),
      "cls+loc-10": pgd("cls+loc", ten),
      mtd: mtd(ten),
    },
    whitebox: whitebox(ten),
    substitutes,
  }),
};

/** Small networks trained from scratch: batch norm in O, a schedule that ends, few steps. */
const small = {
  ...defaults,
  train: { ...generatorTraining, ...smallTraining },
  attack: eitherOf({ ...ten, steps: 5 }),
} satisfies Omit<Preset, "name" | "dataset">;

/** Ten steps leave a third of O's mAP on blood cells; fifty of half the size leave hardly any. */
const fifty: Steps = { steps: 50, stepSize: 1 / 255 };

/**
 * Blood cells on two cores, target and G within 90 minutes. O sees enlarged images: at 128 the smallest
 * cells, platelets, are about the size of a cell of its finest map, which no prior matches.
 */
const bccdSmall: Preset = {
  ...small,
  name: "det-bccd-small",
  dataset: { name: "bccd", trainExamples: 0, classes: 0, size: [128, 128] },
  target: {
    ...small.target,
    architecture: "ssd192-vgg16-bn-w0.1875",
    size: [192, 192],
    train: {
      batchSize: 16,
      epochs: 60,
      schedule: oneCycle(2e-3),
      optimizer: { ...smallTraining.optimizer, weightDecay: 5e-4 },
      augmentation: "flip",
    },
  },
  ...smallNetworks({ width: 16, blocks: 3, size: [128, 128], others: 16 }),
  train: { ...small.train, batchSize: 8, epochs: 40 },
  attack: eitherOf({ ...fifty, steps: 20 }),
  evaluation: evaluationOf({
    batchSize: 16,
    oblivious: attacks(fifty),
    whitebox: whitebox(fifty),
  }),
};

/** Blood cells against who knows G: hours on two cores. */
const bccdSmallRobust = robustPreset(bccdSmall, {
  batchSize: 8,
  epochs: 100,
  attack: eitherOf({ steps: 2, stepSize: 0.7 * epsilon }),
  guard: pgd("cls+loc", { steps: 10, stepSize: epsilon / 4 }),
  heldOut: 24,
  whitebox: {
    "cls+loc-100": { ...pgd("cls+loc", { steps: 100, stepSize: 1 / 255 }), return: "best" },
  },
});

/** No files: scenes of up to three shapes of four kinds. */
const shapes: Preset = {
  ...small,
  name: "det-shapes",
  dataset: {
    name: "shapes",
    trainExamples: 2000,
    classes: 4,
    size: [64, 64],
    options: { objects: 3 },
  },
  target: {
    ...small.target,
    architecture: "ssd64-vgg16-bn-w0.125",
    size: [64, 64],
    train: {
      batchSize: 32,
      epochs: 12,
      schedule: oneCycle(2e-2),
      optimizer,
      augmentation: "flip",
    },
  },
  ...smallNetworks({ width: 16, blocks: 2, size: [64, 64], others: 8 }),
  train: { ...small.train, batchSize: 16, epochs: 4, attackCache: 1 },
  evaluation: { ...small.evaluation, batchSize: 50, examples: 200 },
};

/** All detection presets by name. */
export const presets: Readonly<Record<string, Preset>> = {
  "det-shapes": shapes,
  "det-bccd-small": bccdSmall,
  "det-bccd-small-robust": bccdSmallRobust,
  "det-voc0712": voc0712,
  "det-voc0712-authors": voc0712Authors,
  "det-voc0712-rfbnet": voc0712RfbNet,
};
