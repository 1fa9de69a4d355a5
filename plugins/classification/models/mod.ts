/**
 * Classifiers by name.
 *
 * @module
 */
import {
  IMAGENET,
  type Images,
  type Normalization,
  normalizeImages,
  Parameters,
  type Random,
  resizeImages,
  type TargetModel,
} from "@realign/core";
import { createCifarResNet } from "./cifar_resnet.ts";
import type { ClassifierOutput, Network } from "./network.ts";
import { createResNet50 } from "./resnet50.ts";
import { createWideResNet } from "./wide_resnet.ts";

export type { ClassifierOutput } from "./network.ts";

/** One family of architectures. */
interface Family {
  /** How its names are written, for people. */
  readonly form: string;
  readonly pattern: RegExp;
  /** What its published weights were trained with; absent where pixels in `[0, 1]` go in as they are. */
  readonly normalization?: Normalization;
  readonly build: (parameters: Parameters, classCount: number, name: RegExpExecArray) => Network;
}

const FAMILIES: readonly Family[] = [
  {
    form: "wrn-DEPTH-WIDTH",
    pattern: /^wrn-(\d+)-(\d+)$/,
    build: (parameters, classCount, [, depth, width]) =>
      createWideResNet(parameters, classCount, Number(depth), Number(width)),
  },
  {
    form: "resnet20, 32, 44, 56, 110",
    pattern: /^resnet(20|32|44|56|110)$/,
    normalization: IMAGENET,
    build: (parameters, classCount, [, depth]) =>
      createCifarResNet(parameters, classCount, Number(depth)),
  },
  {
    form: "resnet50, resnet50-64, resnet50-cifar",
    pattern: /^resnet50(?:-(64|cifar))?$/,
    normalization: IMAGENET,
    build: (parameters, classCount, [, stem = "imagenet"]) =>
      createResNet50(parameters, classCount, stem as "imagenet" | "64" | "cifar"),
  },
  {
    form: "resnet50-kuangliu",
    pattern: /^resnet50-kuangliu$/,
    build: (parameters, classCount) =>
      createResNet50(parameters, classCount, "cifar", { naming: "kuangliu" }),
  },
];

/**
 * Builds a classifier, its weights drawn at random. The images that it is given are resized to its
 * size and normalised as its published weights want it: not at all for `wrn-*` (TRADES) and `resnet50-kuangliu` (the
 * paper's authors), by ImageNet's mean and deviation for `resnet*` (torchvision, akamaster).
 *
 * @param architecture `wrn-34-10` or any depth and width, `resnet20` to `resnet110`, `resnet50`, `resnet50-64`, `resnet50-cifar`,
 * `resnet50-kuangliu`
 * @param classCount K
 * @param imageSize `[height, width]` of the network's input
 * @param random Where the first weights are drawn from
 * @param own What images are normalised by in place of that
 * @returns The classifier, to be disposed of by the caller
 * @throws {RangeError} If no architecture has that name
 *
 * @example Usage
 * ```ts
 * import { createClassifier } from "@realign/classification";
 * import { createRandom } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * using classifier = createClassifier("wrn-10-1", 10, [8, 8], createRandom(1));
 * const { logits, features } = classifier.forward(tf.zeros([2, 8, 8, 3]));
 * assert.deepEqual([logits.shape, features.shape], [[2, 10], [2, 64]]);
 * ```
 */
export function createClassifier(
  architecture: string,
  classCount: number,
  imageSize: readonly [number, number],
  random: Random,
  own?: Normalization,
): TargetModel<ClassifierOutput> {
  for (const { pattern, build, ...family } of FAMILIES) {
    const name = pattern.exec(architecture);
    if (!name) continue;
    const parameters = new Parameters(random);
    const network = build(parameters, classCount, name);
    const normalization = own ?? family.normalization;
    const answer = (images: Images, mode: "inference" | "training") =>
      network(normalization ? normalizeImages(images, normalization) : images, mode);
    return {
      name: architecture,
      normalization: own,
      parameters,
      forward: (images, mode = "inference") => answer(resizeImages(images, imageSize), mode),
      // All of them pool over whatever is left of height and width.
      unresized: (images) => answer(images, "inference"),
      [Symbol.dispose]: () => parameters[Symbol.dispose](),
    };
  }
  const forms = FAMILIES.map(({ form }) => form).join(", ");
  throw new RangeError(
    `Cannot build the classifier as its name must be one of ${forms}: current value is "${architecture}"`,
  );
}
