/**
 * The paper's results with PSPNet in percent mIoU, to stand beside what a run reaches: Table 2's rows
 * for each setting of the losses and for O alone ("none"), Table 5's for "full+jpeg".
 *
 * @module
 */
import { paperResults, type Preset, type Published, publishedOf } from "@realign/core";

/** The paper's "C&W" is PGD on the margin of Carlini and Wagner. */
const COLUMNS = ["clean", "bim", "deepfool", "pgd-cw"];

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

const BY_DATASET = new Map([["cityscapes", paperCityscapes], ["voc2012", paperVoc2012]]);

/** What the paper prints for a preset's dataset and losses; undefined where it has none. */
export function published({ dataset, losses }: Preset): Published | undefined {
  return publishedOf(BY_DATASET.get(dataset.name), losses.setting);
}
