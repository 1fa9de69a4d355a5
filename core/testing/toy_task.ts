/**
 * A task small enough for tests of the core: 8x8 pictures of three classes, told apart by their tint.
 *
 * @module
 */
import { featureObjective } from "../attacks/feature_objective.ts";
import { crossEntropy, logitObjectives } from "../attacks/objectives.ts";
import { flipPicture } from "../batches/flip_and_shift.ts";
import { createEvaluationBatches, createTrainingBatches } from "../batches/mod.ts";
import type { Augmentation, Batch, Dataset } from "../dataset.ts";
import { wilsonInterval } from "../evaluate/interval.ts";
import { constantLabelImages } from "../label_images.ts";
import { batchNorm, conv, dense } from "../layers/mod.ts";
import { adam } from "../paper_settings.ts";
import { Parameters } from "../weights/parameters.ts";
import { resolveLosses } from "../losses/mod.ts";
import { createPerceptual } from "../networks/perceptual.ts";
import type { Preset } from "../preset.ts";
import { createRandom } from "../random.ts";
import { conditionOf, createMoving } from "../train/parts.ts";
import type { Metric, TargetModel, TaskAdapter } from "../task.ts";
import * as tf from "../tf.ts";

/** Side of the pictures. */
const SIDE = 8;
const CLASSES = ["red", "green", "blue"];

/** What the toy's target model gives. */
export interface ToyOutput extends tf.TensorContainerObject {
  /** `[B, 3]`. */
  logits: tf.Tensor2D;
  /** `[B, 8]`. */
  features: tf.Tensor2D;
}

/** The toy's task; a picture's annotation is its class. */
export type ToyTask = TaskAdapter<ToyOutput, tf.Tensor1D, number>;

/** Pictures of noise in which the class's channel is brighter; the class of picture i is i modulo 3. */
export function createToyDataset(length: number, split = "train"): Dataset<number> {
  return {
    name: "toy",
    split,
    length,
    size: [SIDE, SIDE],
    classNames: CLASSES,
    digest: `toy-${split}-${length}`,
    read(index) {
      const random = createRandom(1, split, index);
      const noise = random.uniforms(SIDE * SIDE * CLASSES.length, 60, 180);
      const pixels = Uint8Array.from(noise, (value, at) => value + (at % 3 === index % 3 ? 20 : 0));
      return Promise.resolve({
        id: `${split}-${index}`,
        picture: { height: SIDE, width: SIDE, pixels },
        annotation: index % 3,
      });
    },
  };
}

const flip: Augmentation<number> = (example, random) =>
  random.next() < 0.5 ? { ...example, picture: flipPicture(example.picture) } : example;

/** The toy's task. */
export function createToyTask(): ToyTask {
  const extractFeatures = ({ features }: ToyOutput, labels: tf.Tensor1D) => ({
    vectors: features,
    classes: labels,
  });
  return {
    name: "toy",
    classCount: CLASSES.length,
    createTarget(architecture, random) {
      if (architecture !== "toy-net") throw new RangeError(`Cannot build "${architecture}"`);
      return createToyTarget(new Parameters(random));
    },
    encodeLabels(annotations) {
      if (annotations.some((value) => !(value in CLASSES))) throw new RangeError("Cannot encode");
      return tf.tensor1d([...annotations], "int32");
    },
    augmentations: { none: (example) => example, flip },
    extractFeatures,
    features: { logits: ({ logits }, labels) => ({ vectors: logits, classes: labels }) },
    labelImages: constantLabelImages(CLASSES.length),
    taskLoss: ({ logits }, labels) => tf.mean(crossEntropy(logits, labels)) as tf.Scalar,
    objectives: {
      ...logitObjectives(({ logits }: ToyOutput) => logits),
      features: featureObjective(extractFeatures, ({ features }) => features.shape[0]),
    },
    logits: ({ logits }) => logits,
    classOf: (labels) => labels,
    attacks: {},
    createMetric: createToyAccuracy,
    describe: async ({ logits }, count) =>
      (await decide(logits)).slice(0, count).map((index) => CLASSES[index]),
    describeTruth: (annotation) => CLASSES[annotation],
  };
}

function createToyTarget(parameters: Parameters): TargetModel<ToyOutput> {
  const first = conv(parameters, "first", 3, 8, { kernel: 3, stride: 2 });
  const norm = batchNorm(parameters, "norm", 8);
  const last = dense(parameters, "last", 8, CLASSES.length);
  return {
    name: "toy-net",
    parameters,
    forward(images, mode = "inference") {
      const maps = tf.relu(norm(first(tf.sub(images, 0.5)), mode));
      const features = tf.mean(maps, [1, 2]) as tf.Tensor2D;
      return { logits: last(features), features };
    },
    [Symbol.dispose]: () => parameters[Symbol.dispose](),
  };
}

function createToyAccuracy(): Metric<ToyOutput, tf.Tensor1D> {
  let [right, total] = [0, 0];
  return {
    async update({ logits }, labels, count) {
      const [decided, truth] = [await decide(logits), await labels.data<"int32">()];
      total += count;
      right += decided.slice(0, count).filter((index, row) => index === truth[row]).length;
    },
    result: () => ({
      name: "accuracy",
      value: right / total,
      count: total,
      interval: wilsonInterval(right, total),
    }),
  };
}

/** The class of the greatest logit of each row. */
async function decide(logits: tf.Tensor2D): Promise<number[]> {
  const scores = await logits.array();
  return scores.map((row) => row.indexOf(Math.max(...row)));
}

const schedule = { name: "constant", peak: 0.01, warmup: 0 } as const;

/** Settings under which a step takes milliseconds. */
export const toyPreset: Preset = {
  name: "toy",
  task: "toy",
  seed: 3,
  dataset: { name: "toy", trainExamples: 0, classes: 0, size: [SIDE, SIDE] },
  target: {
    architecture: "toy-net",
    size: [SIDE, SIDE],
    weights: "",
    train: { batchSize: 6, epochs: 1, schedule, optimizer: adam, augmentation: "flip" },
  },
  generator: {
    width: 4,
    blocks: 1,
    downsamplings: 1,
    norm: "instance",
    upsampling: "transposed",
    size: [SIDE, SIDE],
  },
  discriminator: { width: 4, layers: 1, scales: 1 },
  perceptual: { width: 2, weights: "", normalization: "none" },
  losses: {
    setting: "full",
    pixelTarget: "intermediate",
    stopGradient: "none",
    pixelDistance: "absolute",
    weights: {
      reconstruction: 10,
      perceptual: 1,
      adversarial: 1,
      featureMatching: 1,
      task: 1,
      featureReconstruction: 1,
      classAlign: 1,
      classInter: 0.1,
      classIntra: 0.1,
    },
    margin: 1,
    interClass: "hinge",
    classReduction: "mean",
  },
  train: {
    batchSize: 6,
    epochs: 1,
    schedule,
    discriminatorSchedule: schedule,
    optimizer: adam,
    discriminatorOptimizer: adam,
    augmentation: "flip",
    attackCache: 2,
    averaging: 0.9,
    checkpointEvery: 10,
  },
  attack: { name: "pgd", epsilon: 0.031, steps: 2 },
  evaluation: {
    batchSize: 6,
    examples: 0,
    systems: {},
    threatModels: {},
  },
};

/** What a step works on, over the toy's pictures; all disposed together. */
export function createToyParts(preset: Preset = toyPreset) {
  const { seed } = preset;
  const task = createToyTask();
  const target = task.createTarget("toy-net", createRandom(seed, "target"));
  const perceptual = createPerceptual(preset.perceptual, createRandom(seed, "perceptual"));
  const condition = conditionOf(task, preset.discriminator);
  const { recompute } = preset.train;
  const losses = resolveLosses(preset.losses);
  const frozen = { task, target, perceptual, losses, condition, recompute };
  const moving = createMoving(preset, condition);
  return {
    frozen,
    moving,
    [Symbol.dispose]() {
      for (const one of [moving, target, perceptual]) one[Symbol.dispose]();
    },
  };
}

/** The first batch of the toy's set, unchanged. */
export async function firstToyBatch(size = 6): Promise<Batch<tf.Tensor1D>> {
  const options = { batchSize: size, prefetch: 0 };
  const batches = createEvaluationBatches(createToyDataset(size), createToyTask(), options);
  const { value } = await batches.next();
  await batches.return();
  return value!;
}

/** Training batches of a toy set from one step to another, flipped at random. */
export function toyTrainingBatches(
  dataset: Dataset<number>,
  start: number,
  end?: number,
  passes?: number,
): AsyncGenerator<Batch<tf.Tensor1D>, void, void> {
  const { train: { batchSize }, seed } = toyPreset;
  const options = { batchSize, seed, start, end, passes, augmentation: flip };
  return createTrainingBatches(dataset, createToyTask(), options);
}
