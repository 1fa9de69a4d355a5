/**
 * Semantic segmentation, as a task of the core.
 *
 * @module
 */
import {
  IGNORED_CLASS,
  type Normalization,
  type TaskAdapter,
  type WindowSettings,
} from "@realign/core";
import * as tf from "@realign/core/tf";
import { segmentationAttacks } from "./attacks.ts";
import { segmentationAugmentations } from "./augment.ts";
import { encodeLabelMaps, type SegmentationAnnotation } from "./labels.ts";
import { ddcat } from "./ddcat.ts";
import { createMeanIou } from "./metric.ts";
import { createSegmenter, type SegmentationOutput } from "./models/mod.ts";
import { segmentationLoss, segmentationObjectives } from "./objectives.ts";
import { semsegAugmentation } from "./semseg_augment.ts";
import { createWindowedMeanIou } from "./windowed_metric.ts";
import { cutWindows, windowGrid } from "./windows.ts";
import { drawLabels, featureRows, pixelRows } from "./pixels.ts";

/** Settings of a segmentation task. */
export interface SegmentationSettings {
  /** Names of the K classes. */
  readonly classNames: readonly string[];
  /** `[height, width]` that target models resize images to. */
  readonly imageSize: readonly [number, number];
  /** `[height, width]` of the crops that semseg's augmentations make, and of windows. @default {imageSize} */
  readonly cropSize?: readonly [number, number];
  /** Whole pictures are evaluated in windows. Default: not */
  readonly window?: WindowSettings;
  /** Weight of the auxiliary head's loss in L_o. @default {0.4} */
  readonly auxiliaryWeight?: number;
  /** What target models normalise images by. Default: ImageNet's mean and deviation */
  readonly normalization?: Normalization;
}

/** The task: output type, labels `[B, H, W]` int32 with -1 = ignored, annotations. */
export type SegmentationTask = TaskAdapter<SegmentationOutput, tf.Tensor3D, SegmentationAnnotation>;

/** Number of classes named in an image's description. */
const CLASSES_NAMED = 3;

/** A network's predictions: a class for each pixel, and which images contain NaN. */
interface Decision {
  readonly height: number;
  readonly width: number;
  /** One per example. */
  readonly maps: readonly Uint8Array[];
  readonly broken: readonly boolean[];
}

/** Reads the classes with the highest logits; rows up to `count`. */
async function decide({ logits }: SegmentationOutput, count: number): Promise<Decision> {
  const [, height, width] = logits.shape;
  const { classes, broken } = tf.tidy(() => ({
    classes: tf.argMax(logits, 3),
    broken: tf.any(tf.isNaN(logits), [1, 2, 3]),
  }));
  const [values, flags] = await Promise.all([classes.data(), broken.data()]);
  tf.dispose([classes, broken]);
  const area = height * width;
  return {
    height,
    width,
    maps: Array.from(
      { length: count },
      (_, row) => Uint8Array.from(values.subarray(row * area, (row + 1) * area)),
    ),
    broken: Array.from(flags.subarray(0, count), Boolean),
  };
}

/** Names the classes that cover most of an image, with their shares. */
function describeMap(classes: Uint8Array, classNames: readonly string[]): string {
  const counts = classNames.map((name) => ({ name, count: 0 }));
  for (const value of classes) counts[value].count++;
  return counts.filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, CLASSES_NAMED)
    .map(({ name, count }) => `${name} ${(100 * count / classes.length).toFixed(0)} %`)
    .join(", ");
}

/**
 * Creates the segmentation task for a dataset's classes.
 *
 * Features z are the map before the last convolution, one row per pixel; their classes are the label
 * map, resized to that map by nearest neighbour with aligned corners, since each pixel of a map made
 * by strided convolutions lies on a pixel of the image; or "logits", at their own size. L_o is the mean cross-entropy over the pixels
 * that count; labels are resized to the logits.
 *
 * @param settings Classes, the networks' input size, the auxiliary head's weight
 * @returns The task
 * @throws {RangeError} If there are fewer than 2 classes, or more than label maps can hold
 *
 * @example Usage
 * ```ts
 * import { createSegmentation } from "@realign/segmentation";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const task = createSegmentation({ classNames: ["road", "sky"], imageSize: [1, 2] });
 * const labelMap = { height: 1, width: 2, classes: Uint8Array.of(1, 255) };
 * const labels = task.encodeLabels([{ labelMap }]);
 * assert.deepEqual([...await labels.data()], [1, -1]);
 * const output = { logits: tf.zeros<tf.Rank.R4>([1, 1, 2, 2]), features: tf.zeros<tf.Rank.R4>([1, 1, 2, 5]) };
 * assert.equal(task.taskLoss(output, labels).dataSync()[0].toFixed(4), "0.6931");
 * assert.deepEqual(task.extractFeatures(output, labels).vectors.shape, [2, 5]);
 * ```
 */
export function createSegmentation(settings: SegmentationSettings): SegmentationTask {
  const { classNames, imageSize, auxiliaryWeight = 0.4, normalization } = settings;
  const { cropSize = imageSize, window } = settings;
  const grid = window && windowGrid(cropSize, window);
  const classCount = classNames.length;
  if (classCount < 2 || classCount > IGNORED_CLASS) {
    throw new RangeError(
      `Cannot segment as the number of classes must be from 2 to ${IGNORED_CLASS}: current value is ${classCount}`,
    );
  }
  return {
    name: "segmentation",
    classCount,
    createTarget: (architecture, random) =>
      createSegmenter(architecture, classCount, imageSize, random, normalization),
    encodeLabels: (annotations) => encodeLabelMaps(annotations, classCount),
    augmentations: {
      ...segmentationAugmentations,
      "semseg-0.25-1": semsegAugmentation(cropSize, [0.25, 1]),
      "semseg-0.5-2": semsegAugmentation(cropSize, [0.5, 2]),
    },
    extractFeatures: ({ features }, labels) => featureRows(features, labels),
    featureMap: ({ features }) => features,
    features: {
      logits({ logits }, labels) {
        const rows = pixelRows(logits, labels);
        return { vectors: rows.logits, classes: rows.labels };
      },
    },
    labelImages: {
      channels: classCount + 1,
      draw: (labels, size) => drawLabels(labels, size, classCount),
    },
    taskLoss: (output, labels) => segmentationLoss(output, labels, auxiliaryWeight),
    trainingLosses: { ddcat },
    objectives: segmentationObjectives,
    attacks: segmentationAttacks,
    createMetric: () =>
      grid
        ? createWindowedMeanIou(grid, classCount, classNames)
        : createMeanIou(classCount, classNames),
    ...(grid && window && {
      cutWindows: (dataset) => cutWindows(dataset, grid, window.picture),
    }),
    async describe(output, count) {
      const { maps, broken } = await decide(output, count);
      return maps.map((map, row) => broken[row] ? "not a number" : describeMap(map, classNames));
    },
    async draw(output, count) {
      const { height, width, maps } = await decide(output, count);
      return maps.map((classes) => ({ labelMap: { height, width, classes } }));
    },
    drawTruth: ({ labelMap }) => ({ labelMap }),
  };
}
