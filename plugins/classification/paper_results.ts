/**
 * The paper's Table 1 in percent, to stand beside what a run reaches. The row "full+jpeg" is Table 5's.
 *
 * @module
 */
import { paperResults, type Preset, type Published, publishedOf } from "@realign/core";

/** The paper's "C&W" is PGD on the margin of Carlini and Wagner. */
const COLUMNS = ["clean", "pgd", "deepfool", "pgd-cw"];

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

const BY_DATASET = new Map([
  ["cifar10", paperCifar10],
  ["cifar100", paperCifar100],
  ["imagenet64", paperImageNet],
  ["tiny-imagenet", paperImageNet], // the authors' code trains and tests on it
]);

/** What the paper prints for a preset's dataset and losses; undefined where it has none. */
export function published({ dataset, losses }: Preset): Published | undefined {
  return publishedOf(BY_DATASET.get(dataset.name), losses.setting);
}
