/**
 * A third-party task: the angle of a bar.
 *
 * @module
 */
import { evaluationOf, type Plugin, type Preset } from "@realign/core";
import { presets } from "@realign/classification";
import { openBars } from "./dataset.ts";
import { barAngle } from "./task.ts";

const shapes = presets["cls-shapes"];
const size = [16, 16] as const;
const attack = { name: "pgd", objective: "squared-error", epsilon: 0.1, stepSize: 0.03, steps: 5 };
const constant = { name: "constant", peak: 3e-3, warmup: 0 } as const;

/** Settings that differ from the classification preset for shapes; the rest is shared. */
const bars: Preset = {
  ...shapes,
  name: "bars",
  task: "bar-angle",
  dataset: { name: "bars", trainExamples: 512, classes: 0, size },
  target: {
    architecture: "bar-net",
    size,
    weights: "",
    train: {
      batchSize: 32,
      epochs: 20,
      schedule: { name: "one-cycle", peak: 0.01, warmup: 0.2 },
      optimizer: { ...shapes.train.optimizer, beta1: 0.9 },
      augmentation: "none",
    },
  },
  generator: { ...shapes.generator, width: 8, blocks: 1, downsamplings: 1, size },
  discriminator: { width: 4, layers: 1, scales: 1 },
  perceptual: { ...shapes.perceptual, width: 2 },
  train: {
    ...shapes.train,
    batchSize: 16,
    epochs: 10,
    schedule: constant,
    discriminatorSchedule: constant,
    augmentation: "none",
    checkpointEvery: 50,
  },
  attack,
  evaluation: evaluationOf({
    batchSize: 50,
    examples: 200,
    oblivious: { pgd: { ...attack, steps: 10 } },
    whitebox: { pgd: { ...attack, steps: 10 } },
  }),
};

const plugin: Plugin = {
  name: "bar-angle",
  apiVersion: 1,
  presets: { bars },
  datasets: { bars: openBars },
  createTask: () => barAngle,
};

export default plugin;
