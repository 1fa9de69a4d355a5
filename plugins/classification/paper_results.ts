/**
 * The paper's Tables 1, 5, 6, 10, 12 and 15 in percent, to stand beside what a run reaches. Table 13's rows
 * of the paper's own method are Table 12's.
 *
 * @module
 */
import {
  type PaperResults,
  paperResults,
  type Preset,
  type Published,
  publishedOf,
} from "@realign/core";

/** The paper's "C&W" is PGD on the margin of Carlini and Wagner. */
export const COLUMNS: readonly string[] = ["clean", "pgd", "deepfool", "pgd-cw"];

/** On CIFAR10, O a WRN-34-10. */
const paperCifar10 = paperResults("Tables 1 and 5, CIFAR10", COLUMNS, {
  none: [95.1, 0.0, 0.0, 0.0],
  L_I: [90.4, 62.9, 85.6, 86.9],
  L_F: [87.2, 84.0, 86.8, 87.2],
  "L_I+F": [90.7, 81.9, 89.0, 89.4],
  L_T: [92.9, 29.5, 84.0, 85.9],
  "L_T+F": [92.5, 76.2, 86.6, 87.1],
  full: [90.7, 85.1, 90.3, 90.6],
  "full+jpeg": [90.4, 84.3, 89.9, 90.3],
});

/** On CIFAR100, O a WRN-34-10. */
const paperCifar100 = paperResults("Tables 1 and 5, CIFAR100", COLUMNS, {
  none: [78.1, 0.1, 0.1, 0.1],
  L_I: [67.9, 36.2, 63.7, 65.0],
  L_F: [61.8, 50.5, 61.3, 61.6],
  "L_I+F": [68.1, 50.1, 65.3, 66.1],
  L_T: [71.2, 15.8, 61.2, 63.7],
  "L_T+F": [70.3, 45.8, 63.7, 64.7],
  full: [68.7, 51.6, 66.9, 67.7],
  "full+jpeg": [66.6, 51.4, 65.4, 66.1],
});

/** On ImageNet at 64x64, O a WideResNet. */
const paperImageNet = paperResults("Tables 1 and 5, ImageNet", COLUMNS, {
  none: [64.5, 0.2, 0.1, 0.2],
  L_I: [63.4, 6.4, 56.1, 59.8],
  L_F: [62.7, 31.1, 57.7, 61.5],
  "L_I+F": [63.2, 32.4, 57.3, 60.4],
  L_T: [63.4, 0.7, 54.0, 58.8],
  "L_T+F": [63.4, 30.8, 54.4, 58.6],
  full: [62.9, 34.6, 59.1, 62.1],
  "full+jpeg": [62.8, 32.0, 57.4, 60.1],
});

/** On CIFAR10, O a ResNet-50. */
const resNetCifar10 = paperResults("Tables 6 and 10, CIFAR10, ResNet50", COLUMNS, {
  none: [94.3, 0.0, 0.0, 0.0],
  L_I: [90.6, 53.2, 85.1, 85.9],
  L_F: [88.9, 81.0, 88.6, 88.8],
  "L_I+F": [90.3, 80.4, 87.7, 88.1],
  L_T: [91.0, 23.8, 83.4, 84.9],
  "L_T+F": [91.7, 75.2, 85.6, 86.2],
  full: [90.0, 82.7, 89.1, 89.5],
  "full+jpeg": [89.3, 81.1, 88.6, 89.1],
});

/** On CIFAR100, O a ResNet-50. */
const resNetCifar100 = paperResults("Tables 6 and 10, CIFAR100, ResNet50", COLUMNS, {
  none: [76.1, 0.1, 0.1, 0.2],
  L_I: [65.9, 41.4, 64.0, 65.1],
  L_F: [58.8, 54.4, 58.4, 58.7],
  "L_I+F": [68.3, 53.9, 65.3, 66.0],
  L_T: [69.9, 24.5, 60.7, 62.5],
  "L_T+F": [69.9, 48.2, 63.5, 64.5],
  full: [67.3, 55.5, 66.6, 67.3],
  "full+jpeg": [66.4, 53.6, 65.4, 66.2],
});

/** On ImageNet at 64x64, O a ResNet-50. */
const resNetImageNet = paperResults("Tables 6 and 10, ImageNet, ResNet50", COLUMNS, {
  none: [62.1, 0.2, 0.1, 0.2],
  L_I: [61.0, 7.2, 56.7, 59.0],
  L_F: [60.4, 31.9, 56.5, 59.5],
  "L_I+F": [60.7, 32.4, 57.1, 59.5],
  L_T: [61.5, 1.2, 54.1, 57.4],
  "L_T+F": [61.3, 30.5, 55.8, 57.1],
  full: [61.0, 33.7, 57.6, 60.2],
  "full+jpeg": [60.9, 32.0, 57.4, 60.1],
});

/** On CIFAR10, made on a ResNet-50, O a WRN-34-10. */
const transferCifar10 = paperResults("Table 12, CIFAR10, from ResNet50", COLUMNS, {
  none: [95.1, 2.1, 5.3, 6.4],
  L_I: [90.4, 66.4, 85.3, 86.1],
  L_F: [87.2, 51.8, 86.7, 87.1],
  "L_I+F": [90.7, 78.2, 89.0, 89.5],
  L_T: [92.9, 49.5, 84.4, 85.5],
  "L_T+F": [92.5, 74.1, 87.6, 88.3],
  full: [90.7, 81.4, 90.4, 90.6],
});

/** On CIFAR100, made on a ResNet-50, O a WRN-34-10. */
const transferCifar100 = paperResults("Table 12, CIFAR100, from ResNet50", COLUMNS, {
  none: [78.1, 7.5, 9.3, 10.4],
  L_I: [67.9, 46.4, 66.6, 67.5],
  L_F: [61.8, 51.9, 60.9, 61.6],
  "L_I+F": [68.1, 53.4, 67.0, 67.8],
  L_T: [71.2, 39.3, 65.1, 66.6],
  "L_T+F": [70.3, 50.4, 65.9, 66.8],
  full: [68.7, 54.0, 67.5, 68.4],
});

/** On ImageNet at 64x64, made on a ResNet-50, O a WideResNet. */
const transferImageNet = paperResults("Table 12, ImageNet, from ResNet50", COLUMNS, {
  none: [64.5, 19.2, 20.4, 21.2],
  L_I: [63.4, 34.3, 60.7, 61.7],
  L_F: [62.7, 45.6, 61.8, 62.6],
  "L_I+F": [63.2, 46.1, 61.5, 62.4],
  L_T: [63.4, 32.0, 58.3, 59.2],
  "L_T+F": [63.4, 44.4, 60.2, 61.1],
  full: [62.9, 46.4, 62.2, 63.2],
});

/**
 * Without "clean": Table 15's clean column is that of the WRN which G was trained for, row by row Table 1's,
 * so it was not measured behind ResNet-50. There, L_F's could not be 87.2 where its C&W is 17.9.
 */
const ATTACKED = ["pgd", "deepfool", "pgd-cw"];

/** On CIFAR10, O a ResNet-50, G trained for a WRN-34-10. */
const movedCifar10 = paperResults("Table 15, CIFAR10", ATTACKED, {
  L_I: [44.5, 87.6, 87.7],
  L_F: [17.2, 17.7, 17.9],
  "L_I+F": [67.1, 88.0, 88.6],
  L_T: [18.1, 87.0, 86.7],
  "L_T+F": [59.9, 87.0, 87.0],
  full: [73.3, 88.4, 89.1],
});

/** On CIFAR100, O a ResNet-50, G trained for a WRN-34-10. */
const movedCifar100 = paperResults("Table 15, CIFAR100", ATTACKED, {
  L_I: [29.6, 63.4, 64.2],
  L_F: [23.8, 28.2, 28.7],
  "L_I+F": [40.1, 64.1, 65.5],
  L_T: [14.9, 62.6, 63.4],
  "L_T+F": [36.6, 63.4, 65.2],
  full: [42.0, 64.9, 65.8],
});

/** What the paper has for a dataset. */
interface DatasetTables {
  readonly wide: PaperResults;
  readonly resNet: PaperResults;
  /** Attacks on a WideResNet made on a ResNet. */
  readonly transfer: PaperResults;
  /** G trained for a WideResNet in front of a ResNet. */
  readonly moved?: PaperResults;
}

const BY_DATASET: ReadonlyMap<string, DatasetTables> = new Map([
  ["cifar10", {
    wide: paperCifar10,
    resNet: resNetCifar10,
    transfer: transferCifar10,
    moved: movedCifar10,
  }],
  ["cifar100", {
    wide: paperCifar100,
    resNet: resNetCifar100,
    transfer: transferCifar100,
    moved: movedCifar100,
  }],
  ["imagenet64", { wide: paperImageNet, resNet: resNetImageNet, transfer: transferImageNet }],
  // The authors' code trains and tests on it as "ImageNet".
  ["tiny-imagenet", { wide: paperImageNet, resNet: resNetImageNet, transfer: transferImageNet }],
]);

/** Whether the paper's ResNet-50 stands for a preset's O. */
export const isResNet = ({ target }: Pick<Preset, "target">): boolean =>
  target.architecture.startsWith("resnet");

/**
 * What the paper prints for a preset's dataset, O and losses; undefined where it has none. Its ResNet-50
 * stands for all ResNets, its WideResNet for all other architectures.
 *
 * @param preset Of the evaluation
 * @param trainedBy The preset that G was trained by, if its target was another
 */
export function published(preset: Preset, trainedBy?: Preset): Published | undefined {
  const { dataset, losses: { setting } } = preset;
  const tables = BY_DATASET.get(dataset.name);
  if (!tables) return undefined;
  const { wide, resNet, transfer, moved } = tables;
  if (trainedBy) {
    const isPrinted = isResNet(preset) && !isResNet(trainedBy);
    return isPrinted ? publishedOf(moved, setting) : undefined;
  }
  return isResNet(preset) ? publishedOf(resNet, setting) : publishedOf(wide, setting, { transfer });
}
