/**
 * What a step of Algorithm 1 works on: the frozen parts and the trained ones.
 *
 * @module
 */
import type { ResolvedLosses } from "../losses/mod.ts";
import { createDiscriminator, type Discriminator } from "../networks/discriminator.ts";
import { createGenerator, type Generator } from "../networks/generator.ts";
import type { PerceptualNetwork } from "../networks/perceptual.ts";
import type { GeneratorTraining, Preset } from "../preset.ts";
import { createRandom } from "../random.ts";
import type { LabelImages, TargetModel, TaskAdapter } from "../task.ts";
import type * as tf from "../tf.ts";
import type { HostTensor } from "../weights/parameters.ts";
import { MovingAverage } from "./average.ts";
import type { Stateful } from "./method.ts";
import { Optimizer } from "./optimizer.ts";

/** Frozen parts. */
export interface Frozen<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  readonly task: TaskAdapter<O, L>;
  /** O. */
  readonly target: TargetModel<O>;
  /** Φ of Eq. 2. */
  readonly perceptual: PerceptualNetwork;
  /** The terms of L_g and their weights. */
  readonly losses: ResolvedLosses;
  /** Draws y^c for D; absent if D sees images alone. */
  readonly condition?: LabelImages<L>;
  /** Whether what Φ, D and O make of x̂ is computed again in the backward pass. @default {false} */
  readonly recompute?: boolean;
}

/** Trained parts. */
export interface Moving {
  readonly generator: Generator;
  readonly discriminator: Discriminator;
  readonly generatorOptimizer: Optimizer;
  readonly discriminatorOptimizer: Optimizer;
  /** Of G's weights. */
  readonly average: MovingAverage;
}

/**
 * What D is conditioned on.
 *
 * @param task Named in errors
 * @param discriminator Whether it is conditioned
 * @returns How labels are drawn; undefined if D sees images alone
 * @throws {RangeError} If the task's labels cannot be drawn
 *
 * @example Usage
 * ```ts
 * import { conditionOf } from "./parts.ts";
 * import { createToyTask } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * const task = createToyTask();
 * assert.equal(conditionOf(task, { condition: "labels" })?.channels, 3);
 * assert.equal(conditionOf(task, {}), undefined);
 * ```
 */
export function conditionOf<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  task: Pick<TaskAdapter<O, L>, "name" | "labelImages">,
  { condition = "none" }: Pick<Preset["discriminator"], "condition">,
): LabelImages<L> | undefined {
  if (condition === "none") return undefined;
  if (task.labelImages) return task.labelImages;
  throw new RangeError(
    `Cannot condition D on labels as ${task.name} has no label images: set discriminator.condition to "none"`,
  );
}

/**
 * Creates G and D, initialised by the preset's seed, and their optimizers.
 *
 * @param preset Their sizes and optimizers, the seed
 * @param condition What D is conditioned on; nothing by default
 * @param start G's first weights, if not drawn
 * @returns The parts; dispose them
 * @throws {TypeError} If the first weights are another network's
 */
export function createMoving(
  preset: Pick<Preset, "seed" | "generator" | "discriminator" | "train">,
  condition?: Pick<LabelImages<never>, "channels">,
  start?: ReadonlyMap<string, HostTensor>,
): Moving & Disposable {
  const { seed, train } = preset;
  const { recompute } = train;
  const generator = createGenerator(preset.generator, createRandom(seed, "generator"), {
    recompute,
  });
  // Before the average of the weights, which begins with them.
  if (start) generator.parameters.import(start, "the generator to start from");
  const discriminator = createDiscriminator(
    preset.discriminator,
    createRandom(seed, "discriminator"),
    condition?.channels,
  );
  const moving = movingOf({ generator, discriminator }, train);
  return {
    ...moving,
    [Symbol.dispose]() {
      for (const one of [moving, generator, discriminator]) one[Symbol.dispose]();
    },
  };
}

/**
 * Combines G and D with their optimizers.
 *
 * @param networks G and D; borrowed
 * @param training Optimizers, and whether an average is kept
 * @returns The parts; disposing them leaves the networks to their owner
 */
export function movingOf(
  { generator, discriminator }: Pick<Moving, "generator" | "discriminator">,
  training: Pick<GeneratorTraining, "optimizer" | "discriminatorOptimizer" | "averaging">,
): Moving & Disposable {
  const generatorOptimizer = new Optimizer(generator.parameters.trainable, training.optimizer);
  const discriminatorOptimizer = new Optimizer(
    discriminator.parameters.trainable,
    training.discriminatorOptimizer,
  );
  const average = new MovingAverage(generator.parameters, training.averaging);
  return {
    generator,
    discriminator,
    generatorOptimizer,
    discriminatorOptimizer,
    average,
    [Symbol.dispose]() {
      for (const one of [generatorOptimizer, discriminatorOptimizer, average]) {
        one[Symbol.dispose]();
      }
    },
  };
}

/** All state that a step changes, by its name in checkpoints. */
export function stateOf(moving: Moving): Readonly<Record<string, Stateful>> {
  return {
    generator: moving.generator.parameters,
    discriminator: moving.discriminator.parameters,
    generatorOptimizer: moving.generatorOptimizer,
    discriminatorOptimizer: moving.discriminatorOptimizer,
    averages: moving.average,
  };
}
