/**
 * Image classification, as a task of the core.
 *
 * @module
 */
import {
  type Augmentation,
  constantLabelImages,
  flipPicture,
  type Normalization,
  shiftPicture,
  type TaskAdapter,
} from "@realign/core";
import { crossEntropy, featureObjective, logitObjectives } from "@realign/core/attacks";
import * as tf from "@realign/core/tf";
import { createAccuracy } from "./metric.ts";
import { type ClassifierOutput, createClassifier } from "./models/mod.ts";

/** A dataset's annotation: the class in `[0, K)`, alone or among other things. */
export type ClassAnnotation = number | { readonly class: number };

/** Largest shift of a random crop, as a fraction of the image's side: 4 pixels of 32. */
const LARGEST_SHIFT = 1 / 8;

const none: Augmentation<ClassAnnotation> = (example) => example;

const flip: Augmentation<ClassAnnotation> = (example, random) =>
  random.next() < 0.5 ? { ...example, picture: flipPicture(example.picture) } : example;

const flipCrop: Augmentation<ClassAnnotation> = (example, random) => {
  const flipped = flip(example, random);
  const { height, width } = flipped.picture;
  const [down, right] = [height, width].map((side) => {
    const reach = Math.round(side * LARGEST_SHIFT);
    return random.integer(2 * reach + 1) - reach;
  });
  return { ...flipped, picture: shiftPicture(flipped.picture, down, right) };
};

function encodeLabels(annotations: readonly ClassAnnotation[], classCount: number): tf.Tensor1D {
  const classes = annotations.map((annotation, index) => {
    const value: unknown = typeof annotation === "number" ? annotation : annotation?.class;
    if (!Number.isInteger(value) || (value as number) < 0 || (value as number) >= classCount) {
      throw new RangeError(
        `Cannot encode label ${index} of the batch as its class must be an integer in [0, ${classCount}): current value is ${value}`,
      );
    }
    return value as number;
  });
  return tf.tensor1d(classes, "int32");
}

/** The class with the highest of K scores, with its softmax probability. */
function describeRow(scores: Float32Array, classNames: readonly string[]): string {
  const top = scores.reduce((best, score, index) => score > scores[best] ? index : best, 0);
  const sum = scores.reduce((total, score) => total + Math.exp(score - scores[top]), 0);
  return Number.isFinite(sum) ? `${classNames[top]} ${(100 / sum).toFixed(0)} %` : "not a number";
}

/**
 * Creates the classification task for a dataset's classes.
 *
 * Features z are the input of the last fully connected layer, or "logits", its output; L_o is the mean cross-entropy.
 *
 * @param classNames Names of the K classes
 * @param imageSize `[height, width]` of the target models' input
 * @param normalization Mean and standard deviation for the input. Default: the architecture's own
 * @returns The task
 * @throws {RangeError} If there are fewer than two classes
 *
 * @example Usage
 * ```ts
 * import { createClassification } from "@realign/classification";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const task = createClassification(["cat", "dog"], [32, 32]);
 * const labels = task.encodeLabels([{ class: 1 }, 0]);
 * assert.deepEqual([...await labels.data()], [1, 0]);
 * const output = { logits: tf.tensor2d([[0, 0], [0, 0]]), features: tf.zeros<tf.Rank.R2>([2, 5]) };
 * assert.equal(task.taskLoss(output, labels).dataSync()[0].toFixed(4), "0.6931");
 * ```
 */
export function createClassification(
  classNames: readonly string[],
  imageSize: readonly [number, number],
  normalization?: Normalization,
): TaskAdapter<ClassifierOutput, tf.Tensor1D, ClassAnnotation> {
  const classCount = classNames.length;
  if (classCount < 2) {
    throw new RangeError(
      `Cannot classify as there must be at least two classes: current count is ${classCount}`,
    );
  }
  const extractFeatures = ({ features }: ClassifierOutput, labels: tf.Tensor1D) => ({
    vectors: features,
    classes: labels,
  });
  return {
    name: "classification",
    classCount,
    createTarget: (architecture, random) =>
      createClassifier(architecture, classCount, imageSize, random, normalization),
    encodeLabels: (annotations) => encodeLabels(annotations, classCount),
    augmentations: { none, flip, "flip-crop": flipCrop },
    extractFeatures,
    features: { logits: ({ logits }, labels) => ({ vectors: logits, classes: labels }) },
    labelImages: constantLabelImages(classCount),
    taskLoss: ({ logits }, labels) => tf.mean(crossEntropy(logits, labels)) as tf.Scalar,
    objectives: {
      ...logitObjectives(({ logits }: ClassifierOutput) => logits),
      features: featureObjective(extractFeatures, ({ features }) => features.shape[0]),
    },
    logits: ({ logits }) => logits,
    classOf: (labels) => labels,
    attacks: {},
    createMetric: () => createAccuracy(classCount),
    async describe({ logits }, count) {
      const scores = await logits.data<"float32">();
      return Array.from(
        { length: count },
        (_, row) => describeRow(scores.slice(row * classCount, (row + 1) * classCount), classNames),
      );
    },
    describeTruth: (annotation) =>
      classNames[typeof annotation === "number" ? annotation : annotation.class],
  };
}
