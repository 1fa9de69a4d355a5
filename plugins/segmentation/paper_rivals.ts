/**
 * The other defenses in the paper's Tables 4, 9, 14 and 16 for segmentation, in percent mIoU, by the names printed there;
 * Table 16 calls "Denoise" "Noise".
 *
 * @module
 */
import { paperResults, type Preset, type PublishedTable } from "@realign/core";
import { ATTACKED, COLUMNS, isDeepLab } from "./paper_results.ts";

/** Figures by defense, in the order of the columns. */
type Rows = Readonly<Record<string, readonly number[]>>;

/** Of one dataset. */
interface RivalTables {
  /** Table 4: O a PSPNet. */
  readonly pspNet: Rows;
  /** Table 9: O a DeepLabv3. */
  readonly deepLab: Rows;
  /** Table 14: attacks made on a DeepLabv3, O a PSPNet. */
  readonly transfer: Rows;
  /** Table 16: trained for a PSPNet, in front of a DeepLabv3; its clean column, that of the PSPNet, is left out. */
  readonly moved: Rows;
}

const cityscapes: RivalTables = {
  pspNet: {
    "No Defense (finetune)": [73.3, 7.0, 36.2, 7.0],
    SAT: [65.7, 28.2, 52.7, 44.3],
    "SAT (finetune)": [66.3, 21.4, 47.5, 37.4],
    DDCAT: [67.7, 30.2, 54.1, 45.7],
    "DDCAT (finetune)": [68.3, 23.6, 49.2, 38.7],
    NRP: [65.0, 52.2, 48.4, 63.4],
    Denoise: [64.4, 51.5, 52.8, 63.3],
    APE: [54.5, 31.7, 33.3, 44.8],
    FPD: [55.9, 52.6, 53.2, 54.8],
    Defense: [22.2, 21.2, 25.2, 26.1],
    SR: [60.7, 49.0, 50.1, 52.0],
  },
  deepLab: {
    "No Defense (finetune)": [73.5, 3.6, 32.3, 8.3],
    SAT: [64.3, 28.9, 50.2, 43.8],
    "SAT (finetune)": [65.4, 23.4, 47.5, 37.1],
    DDCAT: [67.7, 30.4, 52.9, 45.3],
    "DDCAT (finetune)": [68.2, 25.6, 49.7, 39.3],
    NRP: [65.6, 55.1, 47.9, 61.8],
    Denoise: [64.6, 56.5, 52.3, 62.0],
    APE: [54.2, 28.5, 21.2, 33.4],
    FPD: [49.5, 49.0, 49.7, 50.8],
    Defense: [23.3, 20.6, 25.3, 26.1],
    SR: [62.8, 48.2, 50.2, 51.6],
  },
  transfer: {
    "No Defense (finetune)": [73.3, 3.6, 37.1, 12.5],
    SAT: [65.7, 50.5, 52.5, 51.0],
    "SAT (finetune)": [66.3, 42.1, 47.7, 42.4],
    DDCAT: [67.7, 51.4, 54.4, 51.8],
    "DDCAT (finetune)": [68.3, 43.3, 49.4, 43.1],
    NRP: [65.0, 55.2, 49.3, 64.1],
    Denoise: [64.4, 55.1, 53.8, 64.0],
    APE: [54.5, 34.7, 33.3, 45.4],
    FPD: [55.9, 53.0, 53.2, 55.0],
    Defense: [22.2, 20.2, 19.9, 21.2],
    SR: [60.7, 52.0, 50.6, 51.5],
  },
  moved: {
    NRP: [53.4, 47.8, 64.1],
    Denoise: [52.7, 51.1, 64.4],
    APE: [28.5, 26.8, 40.0],
    FPD: [51.5, 51.7, 53.6],
    Defense: [20.1, 19.7, 21.7],
    SR: [41.6, 40.5, 42.5],
  },
};

const voc2012: RivalTables = {
  pspNet: {
    "No Defense (finetune)": [76.3, 8.8, 40.9, 2.6],
    SAT: [73.9, 45.7, 60.9, 66.5],
    "SAT (finetune)": [74.2, 20.0, 56.1, 42.3],
    DDCAT: [75.1, 47.9, 62.8, 68.4],
    "DDCAT (finetune)": [76.0, 22.6, 57.3, 44.4],
    NRP: [70.5, 54.9, 51.6, 66.5],
    Denoise: [70.4, 52.8, 54.5, 65.5],
    APE: [74.3, 27.2, 49.4, 48.6],
    FPD: [61.5, 56.5, 58.2, 60.0],
    Defense: [23.5, 25.6, 28.1, 30.9],
    SR: [71.2, 53.0, 58.3, 66.1],
  },
  deepLab: {
    "No Defense (finetune)": [75.7, 26.4, 40.4, 2.7],
    SAT: [72.8, 44.5, 57.8, 64.9],
    "SAT (finetune)": [74.8, 9.3, 61.8, 46.7],
    DDCAT: [74.2, 46.8, 61.1, 66.8],
    "DDCAT (finetune)": [76.2, 12.5, 63.8, 48.5],
    NRP: [68.1, 54.8, 52.6, 66.9],
    Denoise: [67.2, 58.6, 53.6, 67.6],
    APE: [75.5, 25.1, 47.0, 41.6],
    FPD: [62.1, 58.4, 60.0, 61.3],
    Defense: [22.5, 24.7, 26.5, 27.4],
    SR: [70.1, 52.2, 57.0, 67.0],
  },
  transfer: {
    "No Defense (finetune)": [76.3, 11.2, 45.2, 15.4],
    SAT: [73.9, 57.1, 64.3, 69.3],
    "SAT (finetune)": [74.2, 60.5, 60.1, 63.4],
    DDCAT: [75.1, 58.8, 65.1, 69.3],
    "DDCAT (finetune)": [76.0, 62.4, 62.4, 64.8],
    NRP: [70.5, 62.6, 59.3, 68.5],
    Denoise: [70.4, 61.9, 61.5, 67.8],
    APE: [74.3, 37.8, 54.3, 59.9],
    FPD: [61.5, 57.5, 58.6, 59.9],
    Defense: [23.5, 21.9, 22.6, 23.3],
    SR: [71.2, 58.1, 60.3, 67.2],
  },
  moved: {
    NRP: [53.1, 51.2, 67.4],
    Denoise: [60.1, 53.7, 67.8],
    APE: [25.7, 46.9, 44.5],
    FPD: [57.7, 59.3, 60.6],
    Defense: [21.6, 21.2, 23.1],
    SR: [52.1, 56.9, 66.8],
  },
};

/** With the name that the paper has for each. */
const BY_DATASET: ReadonlyMap<string, readonly [string, RivalTables]> = new Map([
  ["cityscapes", ["Cityscapes", cityscapes]],
  ["voc2012", ["VOC2012", voc2012]],
]);

const NUMBERS = { pspNet: 4, deepLab: 9, transfer: 14, moved: 16 } as const;

/**
 * What the paper prints for other defenses on a preset's dataset and O; undefined where it has none.
 *
 * @param preset Of the evaluation
 * @param view "own": attacks on O; "transfer": made on a substitute; "moved": in front of another O
 * @returns By the name that the paper prints, then attack
 */
export function publishedRivals(
  preset: Preset,
  view: "own" | "transfer" | "moved",
): PublishedTable | undefined {
  const [name, tables] = BY_DATASET.get(preset.dataset.name) ?? [];
  const key = view === "own" ? isDeepLab(preset) ? "deepLab" : "pspNet" : view;
  // Attacks on a PSPNet made on a DeepLabv3, and a DeepLabv3 behind what was trained for a PSPNet.
  if (!tables || isDeepLab(preset) !== (key === "deepLab" || key === "moved")) return undefined;
  const columns = key === "moved" ? ATTACKED : COLUMNS;
  const { table, rows } = paperResults(`Table ${NUMBERS[key]}, ${name}`, columns, tables[key]);
  return { table, figures: rows };
}
