/**
 * What a step of Algorithm 1 works on: what stays, and what moves.
 *
 * @module
 */
import type { ResolvedLosses } from "../losses/mod.ts";
import { createDiscriminator, type Discriminator } from "../networks/discriminator.ts";
import { createGenerator, type Generator } from "../networks/generator.ts";
import type { PerceptualNetwork } from "../networks/perceptual.ts";
import type { GeneratorTraining, Preset } from "../preset.ts";
import { createRandom } from "../random.ts";
import type { TargetModel, TaskAdapter } from "../task.ts";
import type * as tf from "../tf.ts";
import { MovingAverage } from "./average.ts";
import type { Stateful } from "./method.ts";
import { Optimizer } from "./optimizer.ts";

/** What a step leaves as it is. */
export interface Frozen<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  readonly task: TaskAdapter<O, L>;
  /** O. */
  readonly target: TargetModel<O>;
  /** Φ of Eq. 2. */
  readonly perceptual: PerceptualNetwork;
  /** Which terms L_g has, and what they weigh. */
  readonly losses: ResolvedLosses;
}

/** What a step moves. */
export interface Moving {
  readonly generator: Generator;
  readonly discriminator: Discriminator;
  readonly generatorOptimizer: Optimizer;
  readonly discriminatorOptimizer: Optimizer;
  /** Of G's weights. */
  readonly average: MovingAverage;
}

/**
 * Makes G and D with the weights of the preset's seed, and what moves them.
 *
 * @param preset Their sizes and optimizers, the seed
 * @returns The parts; dispose them
 */
export function createMoving(
  preset: Pick<Preset, "seed" | "generator" | "discriminator" | "train">,
): Moving & Disposable {
  const { seed, train } = preset;
  const generator = createGenerator(preset.generator, createRandom(seed, "generator"));
  const discriminator = createDiscriminator(
    preset.discriminator,
    createRandom(seed, "discriminator"),
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
 * G and D with what moves them.
 *
 * @param networks G and D; borrowed
 * @param training Their optimizers, and whether an average is kept
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

/** All that a step changes, by the names that checkpoints have. */
export function stateOf(moving: Moving): Readonly<Record<string, Stateful>> {
  return {
    generator: moving.generator.parameters,
    discriminator: moving.discriminator.parameters,
    generatorOptimizer: moving.generatorOptimizer,
    discriminatorOptimizer: moving.discriminatorOptimizer,
    averages: moving.average,
  };
}
