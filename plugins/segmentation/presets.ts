/**
 * Segmentation presets: the paper's settings, and small ones for two cores.
 *
 * @module
 */
import {
  authorsPreset,
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
import { lossValues } from "./loss_values.ts";

/** Of small presets, apart from what each sets itself. */
const smallTargetTraining: TargetTraining = {
  batchSize: 16,
  epochs: 200,
  schedule: { name: "poly", peak: 0.01, warmup: 0 },
  optimizer: { ...sgd, weightDecay: 1e-4 },
  augmentation: "scale-crop-flip",
};

/** semseg's, for PSPNet on Cityscapes and VOC2012: the heads learn ten times as fast as the backbone. */
const targetTraining: TargetTraining = { ...smallTargetTraining, headRate: 10 };

const generatorTraining: GeneratorTraining = { ...paperTraining, batchSize: 4, epochs: 50 };

/** Section A.1. C&W has an epsilon and a step size but no number of steps: BIM's is used. */
const attacks: Readonly<Record<string, AttackSettings>> = {
  bim: { name: "bim", objective: "cross-entropy", epsilon: 0.03, stepSize: 0.01, steps: 4 },
  deepfool: { name: "deepfool", epsilon: 0.03, norm: "linf", steps: 50, overshoot: 0.02 },
  "pgd-cw": {
    name: "pgd-cw",
    epsilon: 0.03,
    stepSize: 0.01,
    steps: 4,
    randomStart: "none",
  },
};

const choices: EvaluationChoices = {
  batchSize: 4,
  oblivious: attacks,
  whitebox: {
    ...attacks,
    "segpgd-20": {
      name: "segpgd",
      epsilon: 0.03,
      stepSize: 0.003,
      steps: 20,
      randomStart: "uniform",
    },
  },
};

/** Section A.2: attacks on a DeepLabv3 in place of a PSPNet; how it was trained is unsaid. */
const fromDeepLab = (architecture: string): Preset["evaluation"] =>
  evaluationOf({ ...choices, substitutes: { deeplabv3: { architecture, weights: "" } } });

/** The paper's settings (sections 4.2 and A.1); where it is silent, those of the works it builds on. */
const defaults = {
  task: "segmentation",
  seed: 1,
  target: {
    architecture: "pspnet-resnet50",
    size: [425, 425],
    weights: "",
    train: targetTraining,
  },
  generator: { ...paperGenerator, downsamplings: 4, size: [512, 512] },
  ...paperNetworks,
  losses: paperLosses,
  train: generatorTraining,
  attack: { name: "bim", objective: "cross-entropy", epsilon: 0.03, stepSize: 0.01, steps: 3 },
  evaluation: evaluationOf(choices),
} satisfies Omit<Preset, "name" | "dataset">;

const cityscapes: Preset = {
  ...defaults,
  name: "seg-cityscapes",
  dataset: { name: "cityscapes", trainExamples: 0, classes: 0, size: [512, 512] },
  evaluation: fromDeepLab("deeplabv3-resnet50"),
};

const voc2012: Preset = {
  ...defaults,
  name: "seg-voc2012",
  dataset: { name: "voc2012", trainExamples: 0, classes: 0, size: [512, 512] },
  target: {
    ...defaults.target,
    size: [417, 417],
    train: { ...targetTraining, epochs: 50 },
  },
  train: { ...generatorTraining, epochs: 20 },
  evaluation: fromDeepLab("deeplabv3-resnet50"),
};

/** A preset with the paper's other O (Tables 7 and 11), which is the substitute elsewhere. */
const onDeepLab = (preset: Preset): Preset => ({
  ...preset,
  name: `${preset.name}-deeplabv3`,
  target: { ...preset.target, architecture: "deeplabv3-resnet50" },
  evaluation: defaults.evaluation,
});

const cityscapesDeepLab = onDeepLab(cityscapes);
const voc2012DeepLab = onDeepLab(voc2012);

/** Real streets on two cores within an hour and a half; 120 training and 30 validation images. */
const camvidSmall: Preset = {
  ...defaults,
  name: "seg-camvid-small",
  dataset: {
    name: "camvid",
    trainExamples: 0,
    classes: 0,
    size: [96, 128],
    options: { train: "train,val" },
  },
  target: {
    ...defaults.target,
    architecture: "pspnet-resnet18-w0.5",
    size: [96, 128],
    train: {
      ...smallTargetTraining,
      batchSize: 8,
      epochs: 200,
      schedule: oneCycle(2e-3),
      optimizer: { ...smallTraining.optimizer, weightDecay: 5e-4 },
    },
  },
  ...smallNetworks({ width: 32, blocks: 4, size: [96, 128], others: 16 }),
  train: { ...smallTraining, batchSize: 4, epochs: 100, attackCache: 4 },
  evaluation: { ...defaults.evaluation, batchSize: 10 },
};

const segpgd = (steps: number, stepSize: number): AttackSettings => ({
  name: "segpgd",
  epsilon: 0.03,
  stepSize,
  steps,
  randomStart: "uniform",
});

/** CamVid against who knows G: hours on two cores. */
const camvidSmallRobust = robustPreset(camvidSmall, {
  batchSize: 8,
  epochs: 150,
  attack: segpgd(2, 0.021),
  guard: segpgd(10, 0.0075),
  heldOut: 24,
  whitebox: { "segpgd-100": segpgd(100, 0.003) },
});

/** No files, target to report within minutes on two cores. */
const shapes: Preset = {
  ...camvidSmall,
  name: "seg-shapes",
  dataset: {
    name: "shapes",
    trainExamples: 1000,
    classes: 4,
    size: [64, 64],
    options: { objects: 3 },
  },
  target: {
    ...camvidSmall.target,
    architecture: "pspnet-resnet18-w0.25",
    size: [64, 64],
    train: { ...camvidSmall.target.train, batchSize: 16, epochs: 20, augmentation: "flip" },
  },
  ...smallNetworks({ width: 16, blocks: 2, size: [64, 64], others: 8 }),
  train: { ...camvidSmall.train, batchSize: 8, epochs: 10, attackCache: 1 },
  evaluation: { ...defaults.evaluation, batchSize: 20, examples: 100 },
};

/** What the authors' code does by dataset. */
interface AuthorsGeometry {
  readonly epochs: number;
  /** Of pictures at their own size. */
  readonly augmentation: string;
  /** `[height, width]` that test pictures are fitted into. */
  readonly picture: readonly [number, number];
}

/** The authors' values on crops of O's size, which alone G resizes; tested in mirrored windows of that size. */
function authors(preset: Preset, { epochs, augmentation, picture }: AuthorsGeometry): Preset {
  const { target, dataset } = preset;
  const evaluation = fromDeepLab("deeplabv3-resnet50-semseg");
  const [side] = target.size;
  const stride = Math.ceil(2 * side / 3);
  return {
    ...authorsPreset(preset, lossValues.authors, { batchSize: 1, epochs, augmentation }),
    dataset: { ...dataset, size: target.size, options: { fit: "native" } },
    target: { ...target, train: { ...target.train, augmentation } },
    evaluation: {
      ...evaluation,
      substitutes: { deeplabv3: { architecture: "deeplabv3-resnet50-semseg", weights: "" } },
      window: { picture, stride: [stride, stride], mirror: true },
    },
  };
}

/** All segmentation presets by name. */
export const presets: Readonly<Record<string, Preset>> = {
  "seg-shapes": shapes,
  "seg-cityscapes": cityscapes,
  "seg-cityscapes-authors": authors(cityscapes, {
    epochs: 70,
    augmentation: "semseg-0.25-1",
    picture: [512, 1024],
  }),
  "seg-voc2012": voc2012,
  "seg-voc2012-authors": authors(voc2012, {
    epochs: 20,
    augmentation: "semseg-0.5-2",
    picture: [512, 512],
  }),
  "seg-cityscapes-deeplabv3": cityscapesDeepLab,
  "seg-voc2012-deeplabv3": voc2012DeepLab,
  "seg-camvid-small": camvidSmall,
  "seg-camvid-small-robust": camvidSmallRobust,
};
