/**
 * The other defenses in the paper's Tables 3, 8, 13 and 15, in percent, by the names printed there; Table 15 calls
 * "Denoise" "Noise".
 *
 * @module
 */
import { paperResults, type Preset, type PublishedTable } from "@realign/core";
import { COLUMNS, isResNet } from "./paper_results.ts";

/** Figures by defense, in the order of the columns. */
type Rows = Readonly<Record<string, readonly number[]>>;

/** Of one dataset. */
interface RivalTables {
  /** Table 3: O a WideResNet. */
  readonly wide: Rows;
  /** Table 8: O a ResNet-50. */
  readonly resNet: Rows;
  /** Table 13: attacks made on a ResNet-50. */
  readonly transfer: Rows;
  /** Table 15: trained for a WideResNet, in front of a ResNet-50; its clean column is that of the WideResNet. */
  readonly moved?: Rows;
}

const cifar10: RivalTables = {
  wide: {
    "No Defense (finetune)": [95.6, 0.3, 0.5, 0.4],
    TRADES: [87.3, 51.3, 52.3, 86.8],
    "TRADES (finetune)": [85.4, 52.7, 56.5, 84.8],
    "Free-adv": [77.1, 29.4, 31.8, 75.2],
    "Free-adv (finetune)": [88.5, 45.9, 52.4, 87.4],
    Quilting: [87.2, 83.4, 83.2, 82.8],
    "Quilting+TVM": [89.2, 83.7, 84.2, 83.7],
    JPEG: [89.1, 38.6, 65.4, 84.5],
    Randomization: [88.2, 56.8, 76.2, 77.4],
    NRP: [91.8, 82.7, 88.6, 88.8],
    Denoise: [89.8, 80.3, 87.8, 87.8],
    APE: [90.2, 19.5, 83.2, 82.5],
    FPD: [48.5, 47.8, 48.4, 48.5],
    Defense: [39.9, 40.0, 43.1, 44.4],
    SR: [48.0, 47.4, 47.9, 48.0],
  },
  resNet: {
    "No Defense (finetune)": [94.7, 0.0, 0.0, 0.0],
    TRADES: [85.3, 51.7, 47.1, 83.2],
    "TRADES (finetune)": [83.2, 52.6, 53.9, 82.4],
    "Free-adv": [86.3, 46.2, 48.1, 85.5],
    "Free-adv (finetune)": [88.3, 43.5, 49.2, 87.1],
    Quilting: [86.3, 81.9, 82.5, 82.1],
    "Quilting+TVM": [88.4, 80.1, 83.3, 82.6],
    JPEG: [88.0, 36.6, 64.3, 82.7],
    Randomization: [87.5, 55.2, 74.3, 75.5],
    NRP: [90.3, 80.5, 87.0, 87.3],
    Denoise: [88.3, 79.0, 87.1, 87.2],
    APE: [89.1, 12.2, 80.1, 81.3],
    FPD: [53.0, 52.4, 53.0, 53.0],
    Defense: [40.1, 40.0, 40.2, 40.1],
    SR: [45.3, 44.8, 45.2, 45.3],
  },
  transfer: {
    "No Defense (finetune)": [95.6, 3.8, 7.5, 8.7],
    TRADES: [87.3, 79.7, 87.1, 87.2],
    "TRADES (finetune)": [85.4, 78.5, 85.3, 85.4],
    "Free-adv": [77.1, 73.1, 76.7, 77.0],
    "Free-adv (finetune)": [88.5, 79.8, 88.4, 88.5],
    NRP: [91.8, 79.0, 89.2, 89.8],
    Denoise: [89.8, 80.0, 90.1, 90.0],
    APE: [90.2, 41.9, 89.1, 89.8],
    FPD: [48.5, 47.6, 48.4, 48.5],
    Defense: [39.9, 38.7, 38.1, 39.3],
    SR: [48.0, 47.2, 48.0, 48.1],
  },
  moved: {
    NRP: [91.9, 60.4, 87.3, 88.0],
    Denoise: [89.8, 73.0, 87.7, 87.1],
    APE: [90.2, 10.1, 86.2, 86.4],
    FPD: [48.6, 44.3, 44.4, 44.4],
    Defense: [39.9, 38.5, 39.8, 39.9],
    SR: [48.0, 44.8, 45.2, 45.3],
  },
};

const cifar100: RivalTables = {
  wide: {
    "No Defense (finetune)": [79.5, 0.3, 0.3, 0.3],
    TRADES: [62.8, 27.3, 17.5, 59.5],
    "TRADES (finetune)": [78.1, 0.1, 26.5, 55.1],
    "Free-adv": [49.2, 15.0, 14.4, 47.6],
    "Free-adv (finetune)": [63.7, 22.5, 24.6, 61.7],
    Quilting: [64.9, 42.1, 43.2, 42.6],
    "Quilting+TVM": [66.2, 43.5, 44.1, 44.5],
    JPEG: [67.1, 21.5, 35.3, 42.1],
    Randomization: [66.4, 35.8, 41.7, 42.7],
    NRP: [70.3, 47.2, 65.0, 65.9],
    Denoise: [67.2, 46.3, 64.0, 64.3],
    APE: [73.2, 10.7, 60.8, 62.6],
    FPD: [52.5, 41.8, 53.5, 52.8],
    Defense: [31.1, 31.0, 32.0, 32.1],
    SR: [33.5, 33.1, 34.5, 34.5],
  },
  resNet: {
    "No Defense (finetune)": [77.8, 0.0, 0.2, 0.3],
    TRADES: [59.8, 26.7, 21.2, 56.6],
    "TRADES (finetune)": [56.3, 28.5, 26.7, 55.4],
    "Free-adv": [64.0, 24.7, 24.2, 47.6],
    "Free-adv (finetune)": [63.4, 20.6, 30.1, 61.8],
    Quilting: [63.3, 41.3, 42.6, 40.9],
    "Quilting+TVM": [65.5, 42.5, 44.2, 42.1],
    JPEG: [66.3, 20.6, 36.5, 40.8],
    Randomization: [65.0, 34.3, 40.5, 41.5],
    NRP: [66.7, 47.2, 65.5, 66.5],
    Denoise: [66.7, 46.8, 64.7, 64.9],
    APE: [71.7, 17.4, 60.2, 61.4],
    FPD: [50.0, 43.6, 49.2, 49.8],
    Defense: [31.1, 31.1, 33.3, 32.6],
    SR: [35.6, 34.8, 35.5, 34.5],
  },
  transfer: {
    "No Defense (finetune)": [79.5, 8.0, 9.7, 10.9],
    TRADES: [62.8, 53.9, 62.6, 62.7],
    "TRADES (finetune)": [78.1, 53.9, 55.8, 44.2],
    "Free-adv": [49.2, 46.6, 49.0, 49.2],
    "Free-adv (finetune)": [63.7, 54.1, 63.5, 63.7],
    NRP: [70.3, 52.8, 66.6, 67.2],
    Denoise: [67.2, 53.1, 66.7, 66.1],
    APE: [73.2, 37.2, 65.7, 67.7],
    FPD: [52.5, 41.2, 42.4, 42.5],
    Defense: [31.1, 30.5, 30.9, 31.0],
    SR: [33.6, 33.1, 33.5, 33.8],
  },
  moved: {
    NRP: [70.3, 36.2, 63.5, 64.6],
    Denoise: [67.3, 35.7, 63.7, 64.2],
    APE: [73.3, 11.4, 64.8, 65.4],
    FPD: [52.6, 30.5, 31.1, 31.2],
    Defense: [31.2, 21.5, 22.8, 22.5],
    SR: [33.6, 24.8, 25.5, 25.5],
  },
};

const imageNet: RivalTables = {
  wide: {
    "No Defense (finetune)": [63.9, 0.1, 0.3, 0.4],
    TRADES: [58.5, 19.8, 13.8, 55.9],
    "TRADES (finetune)": [43.3, 16.8, 15.0, 42.5],
    "Free-adv": [55.5, 20.2, 19.1, 54.6],
    "Free-adv (finetune)": [42.2, 8.3, 12.5, 48.1],
    Quilting: [58.4, 24.5, 25.1, 25.9],
    "Quilting+TVM": [56.1, 25.2, 25.6, 26.1],
    JPEG: [56.3, 12.1, 20.4, 25.2],
    Randomization: [57.4, 20.3, 26.5, 25.3],
    NRP: [59.4, 33.4, 57.3, 59.7],
    Denoise: [59.8, 33.5, 56.1, 60.3],
    APE: [62.4, 0.5, 57.9, 60.4],
    FPD: [39.7, 32.1, 39.2, 39.7],
    Defense: [20.4, 22.6, 21.5, 22.3],
    SR: [31.1, 29.7, 32.5, 33.2],
  },
  resNet: {
    "No Defense (finetune)": [61.3, 0.1, 0.3, 0.4],
    TRADES: [44.3, 19.3, 16.1, 43.6],
    "TRADES (finetune)": [43.3, 16.5, 15.0, 42.3],
    "Free-adv": [53.4, 18.8, 17.3, 52.6],
    "Free-adv (finetune)": [39.9, 6.5, 7.1, 39.5],
    Quilting: [56.2, 23.8, 24.1, 24.2],
    "Quilting+TVM": [54.1, 25.1, 25.8, 26.1],
    JPEG: [55.2, 11.6, 20.0, 24.9],
    Randomization: [56.3, 20.0, 25.8, 26.1],
    NRP: [56.5, 31.7, 56.2, 56.8],
    Denoise: [56.6, 32.8, 57.8, 57.3],
    APE: [60.2, 0.96, 56.5, 59.3],
    FPD: [34.5, 27.8, 33.7, 34.4],
    Defense: [21.5, 20.7, 23.1, 22.9],
    SR: [30.6, 29.4, 34.6, 34.2],
  },
  transfer: {
    "No Defense (finetune)": [63.9, 22.1, 23.2, 23.6],
    TRADES: [58.5, 45.3, 58.3, 58.5],
    "TRADES (finetune)": [43.3, 42.2, 43.2, 43.3],
    "Free-adv": [55.5, 45.8, 55.4, 55.5],
    "Free-adv (finetune)": [42.2, 40.9, 48.6, 48.7],
    NRP: [59.4, 45.5, 59.0, 59.4],
    Denoise: [59.8, 45.5, 59.4, 59.9],
    APE: [62.4, 30.5, 61.6, 62.3],
    FPD: [39.7, 33.7, 39.5, 39.8],
    Defense: [20.4, 18.5, 19.7, 19.9],
    SR: [31.1, 30.5, 30.9, 31.1],
  },
};

/** With the name that the paper has for each. */
const BY_DATASET: ReadonlyMap<string, readonly [string, RivalTables]> = new Map([
  ["cifar10", ["CIFAR10", cifar10]],
  ["cifar100", ["CIFAR100", cifar100]],
  ["imagenet64", ["ImageNet", imageNet]],
  // The authors' code trains and tests on it as "ImageNet".
  ["tiny-imagenet", ["ImageNet", imageNet]],
]);

const NUMBERS = { wide: 3, resNet: 8, transfer: 13, moved: 15 } as const;

/**
 * What the paper prints for other defenses on a preset's dataset and O; undefined where it has none. Its ResNet-50
 * stands for all ResNets, its WideResNet for all other architectures.
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
  const key = view === "own" ? isResNet(preset) ? "resNet" : "wide" : view;
  const rows = tables?.[key];
  // Attacks on a WideResNet made on a ResNet, and a ResNet behind what was trained for a WideResNet.
  if (!rows || isResNet(preset) !== (key === "resNet" || key === "moved")) return undefined;
  const isMoved = key === "moved";
  const { table, rows: figures } = paperResults(
    `Table ${NUMBERS[key]}, ${name}`,
    isMoved ? COLUMNS.slice(1) : COLUMNS,
    isMoved ? withoutClean(rows) : rows,
  );
  return { table, figures };
}

function withoutClean(rows: Rows): Rows {
  return Object.fromEntries(
    Object.entries(rows).map(([name, [, ...attacked]]) => [name, attacked]),
  );
}
