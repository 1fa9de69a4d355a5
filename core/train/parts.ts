/**
 * What a step of training G works on.
 *
 * @module
 */
import { createDiscriminator, type Discriminator } from "../networks/discriminator.ts";
import { createGenerator, type Generator } from "../networks/generator.ts";
import { type ResolvedLosses, resolveLosses } from "../losses/mod.ts";
import { Optimizer } from "./optimizer.ts";
import type { PerceptualNetwork } from "../networks/perceptual.ts";
import type { Preset } from "../preset.ts";
import { createRandom } from "../random.ts";
import type { TargetModel, TaskAdapter } from "../task.ts";
import * as tf from "../tf.ts";

/** What a step leaves as it is. */
export interface FrozenParts<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  readonly task: TaskAdapter<O, L>;
  /** O. */
  readonly target: TargetModel<O>;
  readonly perceptual: PerceptualNetwork;
}

/** Everything that a step works on. Only G, D and their optimizers move. */
export interface StepParts<O extends tf.TensorContainer, L extends tf.TensorContainer>
  extends FrozenParts<O, L> {
  readonly generator: Generator;
  readonly discriminator: Discriminator;
  readonly generatorOptimizer: Optimizer;
  readonly discriminatorOptimizer: Optimizer;
  /** Moving average of G's weights, in their order; empty for none. */
  readonly averages: readonly tf.Variable[];
  readonly losses: ResolvedLosses;
}

/**
 * Makes G and D with the weights of the preset's seed, and what moves them.
 *
 * @param preset Their sizes, losses and optimizers
 * @param frozen What stands beside them
 * @returns The parts; disposing them leaves what is frozen to its owner
 * @throws {RangeError} If the preset's losses are of no known setting
 */
export function createStepParts<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  preset: Pick<Preset, "seed" | "generator" | "discriminator" | "losses" | "train">,
  frozen: FrozenParts<O, L>,
): StepParts<O, L> & Disposable {
  const { seed, train } = preset;
  const losses = resolveLosses(preset.losses);
  const generator = createGenerator(preset.generator, createRandom(seed, "generator"));
  const discriminator = createDiscriminator(
    preset.discriminator,
    createRandom(seed, "discriminator"),
  );
  const weights = generator.parameters.trainable;
  const generatorOptimizer = new Optimizer(weights, train.optimizer);
  const discriminatorOptimizer = new Optimizer(
    discriminator.parameters.trainable,
    train.discriminatorOptimizer,
  );
  const averages = train.averaging > 0 ? weights.map((weight) => tf.variable(weight, false)) : [];
  return {
    ...frozen,
    generator,
    discriminator,
    generatorOptimizer,
    discriminatorOptimizer,
    averages,
    losses,
    [Symbol.dispose]() {
      for (const one of [generatorOptimizer, discriminatorOptimizer, generator, discriminator]) {
        one[Symbol.dispose]();
      }
      tf.dispose([...averages]);
    },
  };
}
