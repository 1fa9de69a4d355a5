/**
 * A step of Algorithm 1 over a batch that is too large for the memory: its gradients are gathered from
 * portions of it, and moved by at the end.
 *
 * @module
 */
import type { GeneratorTraining } from "../preset.ts";
import { record, type RecordedStep } from "../backend/record.ts";
import { portion } from "../losses/portions.ts";
import * as tf from "../tf.ts";
import { moveNetworks, stepGradients, type StepRates, type TrainBatch } from "./algorithm_1.ts";
import { variablesOf } from "./method.ts";
import { type Frozen, type Moving, stateOf } from "./parts.ts";

/**
 * In how many portions a batch is taken.
 *
 * @param training Its `batchSize` and `accumulate`
 * @returns `accumulate`, or 1 where there is none
 * @throws {RangeError} If portions would not be equal
 *
 * @example Usage
 * ```ts
 * import { portionsOf } from "./accumulate.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(portionsOf({ batchSize: 4, accumulate: 2 }), 2);
 * assert.throws(() => portionsOf({ batchSize: 4, accumulate: 3 }), RangeError);
 * ```
 */
export function portionsOf(
  { batchSize, accumulate = 1 }: Pick<GeneratorTraining, "batchSize" | "accumulate">,
): number {
  if (Number.isInteger(batchSize / accumulate)) return accumulate;
  throw new RangeError(
    `Cannot train as train.accumulate must divide train.batchSize, ${batchSize}: current value is ${accumulate}`,
  );
}

/**
 * Makes a step that takes a batch in equal portions.
 *
 * It is the step over the whole batch, but for rounding, as far as losses are means over images or over
 * pixels of images: Eq. 1 to 4. Where a loss looks at a batch as a whole it sees a portion instead: the
 * class centres of Eq. 7 and 8 are those of a portion, and where examples have different numbers of rows
 * that count (valid pixels, boxes), L_o and Eq. 6 weight portions alike rather than rows. Normalisations
 * of G and D see one image at a time.
 *
 * @param frozen O, its task, Φ, which losses
 * @param moving G and D
 * @param count How many portions
 * @returns The step, from a batch to its loss terms, the means over the portions
 * @throws {TypeError} When called, if the batch cannot be divided so
 */
export function createAccumulatedStep<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  frozen: Frozen<O, L>,
  moving: Moving,
  count: number,
): RecordedStep<TrainBatch<L> & StepRates, Record<string, tf.Tensor>> {
  const { generator, discriminator } = moving;
  const { usesDiscriminator } = frozen.losses;
  const sumsOf = (weights: readonly tf.Variable[]) =>
    tf.tidy(() => weights.map(({ shape }) => tf.variable(tf.zeros(shape), false)));
  const sums = {
    generator: sumsOf(generator.parameters.trainable),
    discriminator: usesDiscriminator ? sumsOf(discriminator.parameters.trainable) : [],
  };
  const all = [...sums.generator, ...sums.discriminator];
  const moved = variablesOf(stateOf(moving));
  /** Whether a loss reaches a weight at all, known from the first portion on. */
  let reached: readonly boolean[] = [];

  const gather = record((batch: TrainBatch<L>) => {
    const { terms, gradients } = stepGradients(frozen, moving, batch);
    const flat = [...gradients.generator, ...gradients.discriminator ?? []];
    reached = flat.map((gradient) => gradient !== undefined);
    flat.forEach((gradient, index) => {
      if (gradient) all[index].assign(tf.add(all[index], tf.div(gradient, count)));
    });
    return terms;
  }, { name: "train step: gradients", variables: [...moved, ...all] });

  const move = record((rates: StepRates) => {
    const known = all.map((sum, index) => reached[index] ? sum : undefined);
    moveNetworks(moving, {
      generator: known.slice(0, sums.generator.length),
      discriminator: usesDiscriminator ? known.slice(sums.generator.length) : undefined,
    }, rates);
    for (const sum of all) sum.assign(tf.zerosLike(sum));
    return [];
  }, { name: "train step: move", variables: [...moved, ...all] });

  const step = (
    { learningRate, discriminatorLearningRate, averaging, ...batch }: TrainBatch<L> & StepRates,
  ): Record<string, tf.Tensor> =>
    tf.tidy(() => {
      const terms = Array.from(
        { length: count },
        (_, index) => gather(tf.tidy(() => portion(batch as TrainBatch<L>, index, count))),
      );
      move({ learningRate, discriminatorLearningRate, averaging });
      const mean = (name: string) => tf.div(tf.addN(terms.map((term) => term[name])), count);
      return Object.fromEntries(Object.keys(terms[0]).map((name) => [name, mean(name)]));
    });

  return Object.assign(step, {
    [Symbol.dispose]() {
      gather[Symbol.dispose]();
      move[Symbol.dispose]();
      tf.dispose(all);
    },
    statistics: () => {
      const [one, other] = [gather.statistics(), move.statistics()];
      return one && other && {
        operations: one.operations + other.operations,
        flops: count * one.flops + other.flops,
      };
    },
  });
}
