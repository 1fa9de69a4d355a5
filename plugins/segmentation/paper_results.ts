/**
 * The paper's Tables 2, 5, 7, 11, 12 and 16 for segmentation in percent mIoU, to stand beside what a run
 * reaches. Table 14's rows of the paper's own method are Table 12's.
 *
 * @module
 */
import { paperResults, type Preset, type Published, publishedOf } from "@realign/core";

/** The paper's "C&W" is PGD on the margin of Carlini and Wagner. */
export const COLUMNS: readonly string[] = ["clean", "bim", "deepfool", "pgd-cw"];

/** On Cityscapes, O a PSPNet with ResNet-50. */
const paperCityscapes = paperResults("Tables 2 and 5, Cityscapes", COLUMNS, {
  none: [73.5, 3.7, 37.4, 6.6],
  L_I: [61.5, 50.3, 51.6, 55.9],
  L_F: [60.4, 57.5, 59.6, 62.6],
  "L_I+F": [64.9, 56.5, 59.7, 63.3],
  L_T: [63.8, 43.6, 50.5, 53.4],
  "L_T+F": [65.0, 53.2, 57.5, 61.5],
  full: [67.6, 58.5, 60.9, 64.4],
  "full+jpeg": [66.5, 57.1, 61.1, 63.0],
});

/** On VOC2012, O a PSPNet with ResNet-50. */
const paperVoc2012 = paperResults("Tables 2 and 5, VOC2012", COLUMNS, {
  none: [76.4, 8.2, 41.5, 2.6],
  L_I: [73.1, 48.8, 60.5, 67.7],
  L_F: [47.4, 48.2, 53.3, 57.3],
  "L_I+F": [70.3, 60.1, 63.4, 67.2],
  L_T: [74.1, 34.8, 51.9, 55.6],
  "L_T+F": [71.2, 56.8, 62.9, 66.6],
  full: [71.2, 61.3, 64.5, 68.7],
  "full+jpeg": [70.9, 60.7, 63.3, 68.1],
});

/** On Cityscapes, O a DeepLabv3 with ResNet-50. */
const deepLabCityscapes = paperResults("Tables 7 and 11, Cityscapes, DeepLabv3", COLUMNS, {
  none: [73.2, 3.1, 32.4, 8.0],
  L_I: [64.0, 50.9, 51.2, 56.9],
  L_F: [61.5, 59.9, 61.0, 63.9],
  "L_I+F": [65.1, 57.9, 60.1, 63.4],
  L_T: [64.5, 44.1, 50.4, 54.2],
  "L_T+F": [64.9, 55.1, 57.6, 60.5],
  full: [67.3, 59.0, 61.7, 64.8],
  "full+jpeg": [65.7, 57.3, 59.6, 62.3],
});

/** On VOC2012, O a DeepLabv3 with ResNet-50. */
const deepLabVoc2012 = paperResults("Tables 7 and 11, VOC2012, DeepLabv3", COLUMNS, {
  none: [76.9, 8.2, 38.0, 2.9],
  L_I: [72.6, 54.8, 59.2, 66.5],
  L_F: [42.7, 42.7, 52.5, 54.5],
  "L_I+F": [68.1, 59.8, 62.3, 67.2],
  L_T: [74.8, 33.4, 50.4, 53.8],
  "L_T+F": [70.5, 55.9, 61.5, 66.1],
  full: [69.1, 61.3, 63.9, 68.3],
  "full+jpeg": [68.2, 60.8, 64.1, 67.1],
});

/** On Cityscapes, made on a DeepLabv3, O a PSPNet. */
const transferCityscapes = paperResults("Table 12, Cityscapes, from DeepLabv3", COLUMNS, {
  none: [73.5, 3.6, 38.6, 12.5],
  L_I: [61.5, 50.8, 52.4, 56.1],
  L_F: [60.4, 58.1, 59.5, 62.6],
  "L_I+F": [64.9, 58.7, 60.7, 63.4],
  L_T: [63.8, 46.3, 50.9, 54.6],
  "L_T+F": [65.0, 55.6, 59.1, 61.3],
  full: [67.6, 59.5, 62.0, 64.7],
});

/** On VOC2012, made on a DeepLabv3, O a PSPNet. */
const transferVoc2012 = paperResults("Table 12, VOC2012, from DeepLabv3", COLUMNS, {
  none: [76.4, 11.1, 46.1, 16.6],
  L_I: [73.1, 59.8, 63.0, 68.3],
  L_F: [47.4, 47.3, 47.3, 47.4],
  "L_I+F": [70.3, 62.9, 64.7, 68.6],
  L_T: [74.1, 45.0, 57.2, 63.1],
  "L_T+F": [71.2, 61.3, 62.4, 66.1],
  full: [71.2, 63.6, 66.0, 69.5],
});

/**
 * Without "clean": Table 16's clean column is that of the PSPNet which G was trained for, row by row Table 2's,
 * so it was not measured behind DeepLabv3.
 */
export const ATTACKED: readonly string[] = ["bim", "deepfool", "pgd-cw"];

/** On Cityscapes, O a DeepLabv3, G trained for a PSPNet. */
const movedCityscapes = paperResults("Table 16, Cityscapes", ATTACKED, {
  L_I: [48.5, 49.9, 55.0],
  L_F: [57.1, 58.5, 62.9],
  "L_I+F": [57.8, 61.3, 64.2],
  L_T: [43.0, 48.9, 54.7],
  "L_T+F": [53.8, 59.9, 63.0],
  full: [59.0, 61.7, 65.3],
});

/** On VOC2012, O a DeepLabv3, G trained for a PSPNet. */
const movedVoc2012 = paperResults("Table 16, VOC2012", ATTACKED, {
  L_I: [54.9, 59.8, 68.1],
  L_F: [45.0, 45.2, 45.4],
  "L_I+F": [59.9, 63.2, 68.2],
  L_T: [33.2, 49.9, 53.7],
  "L_T+F": [55.1, 60.3, 66.8],
  full: [60.5, 64.6, 68.9],
});

const BY_DATASET = new Map([
  ["cityscapes", {
    pspNet: paperCityscapes,
    deepLab: deepLabCityscapes,
    transfer: transferCityscapes,
    moved: movedCityscapes,
  }],
  ["voc2012", {
    pspNet: paperVoc2012,
    deepLab: deepLabVoc2012,
    transfer: transferVoc2012,
    moved: movedVoc2012,
  }],
]);

/** Whether O is of the paper's other family. */
export const isDeepLab = ({ target }: Preset): boolean => target.architecture.startsWith("deeplab");

/**
 * What the paper prints for a preset's dataset, O and losses; undefined where it has none.
 *
 * @param preset Of the evaluation
 * @param trainedBy The preset that G was trained by, if its target was another
 */
export function published(preset: Preset, trainedBy?: Preset): Published | undefined {
  const { dataset, losses: { setting } } = preset;
  const tables = BY_DATASET.get(dataset.name);
  if (!tables) return undefined;
  const { pspNet, deepLab, transfer, moved } = tables;
  if (trainedBy) {
    const isPrinted = isDeepLab(preset) && !isDeepLab(trainedBy);
    return isPrinted ? publishedOf(moved, setting) : undefined;
  }
  return isDeepLab(preset)
    ? publishedOf(deepLab, setting)
    : publishedOf(pspNet, setting, { transfer });
}
