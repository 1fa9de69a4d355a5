/**
 * The other defenses in the paper's Tables 4, 9 and 14 for detection, in percent mAP, by the names printed there.
 *
 * @module
 */
import { paperResults, type Preset, type PublishedTable } from "@realign/core";
import { COLUMNS, isRfbNet } from "./paper_results.ts";

/** Figures by defense, in the order of the columns. */
type Rows = Readonly<Record<string, readonly number[]>>;

/** Table 4: O an SSD. */
const ssd: Rows = {
  "No Defense (finetune)": [73.6, 7.3, 5.2, 2.2],
  CLS: [47.8, 22.3, 31.5, 30.4],
  LOC: [52.9, 24.2, 27.2, 26.0],
  CON: [40.7, 18.8, 27.8, 26.6],
  MTD: [49.1, 29.5, 32.6, 31.8],
  NRP: [60.4, 40.7, 53.2, 42.1],
  Denoise: [61.6, 38.9, 50.4, 39.1],
  APE: [62.3, 24.4, 36.0, 25.4],
  FPD: [57.2, 40.6, 43.7, 40.9],
  Defense: [34.6, 32.5, 34.0, 33.8],
  SR: [54.6, 34.6, 36.6, 35.7],
};

/** Table 9: O an RFBNet. */
const rfbNet: Rows = {
  "No Defense (finetune)": [80.8, 8.1, 7.6, 5.5],
  CLS: [52.0, 27.2, 37.1, 35.3],
  LOC: [57.6, 29.2, 31.2, 30.5],
  CON: [43.5, 22.8, 32.1, 30.4],
  MTD: [53.7, 34.5, 36.5, 35.1],
  NRP: [68.5, 53.7, 63.9, 55.0],
  Denoise: [68.5, 51.3, 54.4, 51.7],
  APE: [72.2, 42.2, 53.9, 43.8],
  FPD: [58.7, 49.5, 52.2, 50.2],
  Defense: [42.2, 40.6, 41.4, 40.7],
  SR: [56.2, 45.8, 47.6, 46.8],
};

/** Table 14: attacks made on an RFBNet, O an SSD. */
const transfer: Rows = {
  "No Defense (finetune)": [73.6, 19.6, 16.8, 16.1],
  CLS: [47.8, 34.5, 43.3, 44.1],
  LOC: [52.9, 36.7, 38.8, 39.9],
  CON: [40.7, 31.3, 39.5, 40.3],
  MTD: [49.1, 42.0, 44.3, 44.1],
  NRP: [60.4, 59.9, 55.4, 58.9],
  Denoise: [61.6, 52.2, 50.9, 51.8],
  APE: [62.3, 57.9, 58.0, 55.8],
  FPD: [57.2, 58.1, 55.8, 57.8],
  Defense: [34.6, 30.2, 30.8, 29.7],
  SR: [54.6, 36.2, 37.5, 34.5],
};

/**
 * What the paper prints for other defenses on VOC 2007 + 2012; undefined elsewhere, and in front of another O, which it
 * does not print for detection.
 *
 * @param preset Of the evaluation
 * @param view "own": attacks on O; "transfer": made on a substitute; "moved": in front of another O
 * @returns By the name that the paper prints, then attack
 */
export function publishedRivals(
  preset: Preset,
  view: "own" | "transfer" | "moved",
): PublishedTable | undefined {
  if (preset.dataset.name !== "voc0712" || view === "moved") return undefined;
  const of = (number: number, figures: Rows) => {
    const { table, rows } = paperResults(`Table ${number}, VOC07+12`, COLUMNS, figures);
    return { table, figures: rows };
  };
  if (view === "own") return isRfbNet(preset) ? of(9, rfbNet) : of(4, ssd);
  return isRfbNet(preset) ? undefined : of(14, transfer);
}
