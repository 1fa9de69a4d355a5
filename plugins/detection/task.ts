/**
 * Object detection, as a task of the core.
 *
 * @module
 */
import type { Box, Normalization, Overlay, TaskAdapter } from "@realign/core";
import { featureObjective } from "@realign/core/attacks";
import { attacks } from "./attacks.ts";
import { augmentations } from "./augmentations.ts";
import { boxCellFeatures, boxFeatures } from "./box_features.ts";
import { type BoxAnnotation, type DetectionLabels, encodeLabels } from "./labels.ts";
import { createMeanAveragePrecision } from "./metric.ts";
import { createDetector, type DetectionOutput } from "./models/mod.ts";
import { multiBoxLoss, multiBoxObjective } from "./multibox_loss.ts";
import type { Detection } from "./post_process.ts";
import { fabricateObjective, objectnessObjective, vanishObjective } from "./presence.ts";
import { readDetections } from "./read_detections.ts";

/** Boxes with at least this score are shown and named. */
const SHOWN = 0.5;
/** Maximum number of named boxes. */
const NAMED = 4;

/** Options of a detection task. */
export interface DetectionOptions {
  /** `[height, width]` of the target models' input; architectures of another size are refused. Default: any */
  readonly imageSize?: readonly [number, number];
  /** What target models normalise images by, in [0, 1]. Default: the architecture's own */
  readonly normalization?: Normalization;
}

/** The detection task. */
export type DetectionTask = TaskAdapter<DetectionOutput, DetectionLabels, BoxAnnotation>;

/** Names the most confident boxes. */
function describe(found: readonly Detection[], classNames: readonly string[]): string {
  const shown = found.filter(({ score }) => score >= SHOWN);
  if (shown.length === 0) return "nothing";
  const named = shown.slice(0, NAMED)
    .map(({ class: index, score }) => `${classNames[index]} ${(100 * score).toFixed(0)} %`);
  const more = shown.length - named.length;
  return named.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function drawTruth({ boxes }: BoxAnnotation): Overlay {
  return { boxes: boxes.map(({ box, class: index }: Box) => ({ box, class: index })) };
}

/**
 * Creates the detection task for a dataset's classes.
 *
 * Features z are the backbone's last map cropped to each true box, one vector per box; or "cells", the mean of whole
 * cells of that map instead of bilinear points, without difficult boxes. L_o is the
 * MultiBox loss. Objectives are its parts, "cls", "loc" and "cls+loc"; "vanish", "fabricate" and "objectness", on
 * whether there is something at all; and "features".
 *
 * @param classNames Names of the K classes, without the background
 * @param options The input size of target models
 * @returns The task
 * @throws {RangeError} If there are no classes
 *
 * @example Usage
 * ```ts
 * import { createDetection } from "@realign/detection";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const task = createDetection(["cat", "dog"]);
 * const cat = { box: [0, 0, 0.5, 1], class: 0, difficult: false } as const;
 * const labels = task.encodeLabels([{ boxes: [cat] }]);
 * assert.deepEqual([...await labels.classes.data()], [0, -1, -1, -1, -1, -1, -1, -1]);
 * ```
 */
export function createDetection(
  classNames: readonly string[],
  { imageSize, normalization }: DetectionOptions = {},
): DetectionTask {
  const classCount = classNames.length;
  if (classCount < 1) {
    throw new RangeError(
      `Cannot detect as there must be at least one class: current count is ${classCount}`,
    );
  }
  const extractFeatures = ({ features }: DetectionOutput, labels: DetectionLabels) =>
    boxFeatures(features, labels);
  return {
    name: "detection",
    classCount,
    createTarget: (architecture, random) =>
      createDetector(architecture, classCount, random, imageSize, normalization),
    encodeLabels: (annotations) => encodeLabels(annotations, classCount),
    augmentations,
    extractFeatures,
    featureMap: ({ features }) => features,
    features: { cells: ({ features }, labels) => boxCellFeatures(features, labels) },
    taskLoss: multiBoxLoss,
    objectives: {
      cls: (output, labels) => multiBoxObjective("cls", output, labels),
      loc: (output, labels) => multiBoxObjective("loc", output, labels),
      "cls+loc": (output, labels) => multiBoxObjective("cls+loc", output, labels),
      vanish: vanishObjective,
      fabricate: fabricateObjective,
      objectness: objectnessObjective,
      features: featureObjective(extractFeatures, ({ features }) => features.shape[0]),
    },
    attacks,
    createMetric: () => createMeanAveragePrecision(classCount),
    async describe(output, count) {
      const found = await readDetections(output, count, { threshold: SHOWN });
      return found.map((boxes) => describe(boxes, classNames));
    },
    async draw(output, count) {
      const found = await readDetections(output, count, { threshold: SHOWN });
      return found.map((boxes) => ({ boxes }));
    },
    drawTruth,
  };
}
