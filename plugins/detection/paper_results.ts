/**
 * The paper's Tables 2, 5, 7, 11 and 12 for detection in percent (VOC 2007 + 2012, mAP), to stand beside what
 * a run reaches. Table 14's rows of the paper's own method are Table 12's.
 *
 * @module
 */
import { paperResults, type Preset, type Published, publishedOf } from "@realign/core";

/** The columns of the paper's tables, as presets name attacks. */
export const COLUMNS: readonly string[] = ["clean", "cls", "loc", "cls+loc"];

/** O an SSD: Tables 2 and 5. */
const paperSsd = paperResults("Tables 2 and 5, VOC07+12, SSD", COLUMNS, {
  none: [72.5, 5.4, 2.8, 1.1],
  L_I: [63.4, 37.4, 48.4, 38.3],
  L_F: [34.5, 33.1, 33.4, 33.0],
  "L_I+F": [58.7, 41.6, 50.4, 42.3],
  L_T: [65.1, 26.9, 38.9, 27.8],
  "L_T+F": [60.0, 32.4, 44.7, 33.7],
  full: [60.5, 44.0, 52.0, 44.7],
  "full+jpeg": [60.3, 43.9, 51.9, 44.6],
});

/** O an RFBNet: Tables 7 and 11. The last row is as printed, though "loc" and "cls+loc" look exchanged. */
const paperRfbNet = paperResults("Tables 7 and 11, VOC07+12, RFBNet", COLUMNS, {
  none: [80.6, 4.5, 4.0, 2.0],
  L_I: [73.2, 53.2, 62.3, 54.2],
  L_F: [36.5, 35.7, 36.4, 35.9],
  "L_I+F": [68.4, 57.1, 63.2, 58.3],
  L_T: [75.1, 44.3, 56.2, 45.6],
  "L_T+F": [62.3, 51.0, 56.1, 53.1],
  full: [70.2, 59.2, 65.0, 60.3],
  "full+jpeg": [70.2, 59.1, 58.6, 64.2],
});

/** Made on an RFBNet, O an SSD. "cls" leaves more than clean images do, as printed. */
const transfer = paperResults("Table 12, VOC07+12, from RFBNet", COLUMNS, {
  none: [72.5, 17.9, 14.5, 15.0],
  L_I: [63.4, 59.4, 54.4, 58.2],
  L_F: [34.5, 34.6, 33.8, 33.9],
  "L_I+F": [58.7, 60.7, 57.4, 60.1],
  L_T: [65.1, 58.3, 53.7, 56.3],
  "L_T+F": [60.0, 59.6, 55.0, 58.2],
  full: [60.5, 61.2, 58.3, 60.9],
});

/** Whether O is of the paper's other family. */
export const isRfbNet = ({ target }: Preset): boolean => target.architecture.startsWith("rfb");

/**
 * What the paper prints for a preset's O and losses on VOC 2007 + 2012; undefined elsewhere, and for a G that
 * was trained for another O, which it does not print for detection.
 *
 * @param preset Of the evaluation
 * @param trainedBy The preset that G was trained by, if its target was another
 */
export function published(preset: Preset, trainedBy?: Preset): Published | undefined {
  const { dataset, losses: { setting } } = preset;
  if (dataset.name !== "voc0712" || trainedBy) return undefined;
  return isRfbNet(preset)
    ? publishedOf(paperRfbNet, setting)
    : publishedOf(paperSsd, setting, { transfer });
}
