/**
 * A step of Algorithm 1 for a batch too large for memory: gradients are accumulated over
 * portions, followed by one update.
 *
 * @module
 */
import type { GeneratorTraining } from "../preset.ts";
import type { Precision } from "../backend/precision.ts";
import { record, type RecordedStep } from "../backend/record.ts";
import { portion } from "../losses/portions.ts";
import * as tf from "../tf.ts";
import { moveNetworks, stepGradients, type StepRates, type TrainBatch } from "./algorithm_1.ts";
import { variablesOf } from "./method.ts";
import { type Frozen, type Moving, stateOf } from "./parts.ts";

/**
 * The number of portions of a batch.
 *
 * @param training Its `batchSize` and `accumulate`
 * @returns `accumulate`, or 1 if absent
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

/** Numbers of weights that move at once, 64 MiB of each of their kind. */
const LARGEST = 2 ** 24;

/** Consecutive weights whose sizes sum to at most a number, or one that is larger. */
function groupsOf(
  sizes: readonly number[],
  largest: number,
): { readonly first: number; readonly end: number }[] {
  const groups: { first: number; end: number; size: number }[] = [];
  for (const [index, size] of sizes.entries()) {
    const last = groups.at(-1);
    if (!last || last.size + size > largest) groups.push({ first: index, end: index + 1, size });
    else Object.assign(last, { end: index + 1, size: last.size + size });
  }
  return groups;
}

/**
 * Creates a step that processes a batch in equal portions.
 *
 * Up to rounding it equals the step over the whole batch for losses that are means over images or
 * pixels: Eq. 1 to 4. Losses over the batch as a whole see a portion instead: the
 * class centres of Eq. 7 and 8 are those of a portion, and if examples have different numbers of rows
 * that count (valid pixels, boxes), L_o and Eq. 6 weight portions equally rather than rows. The norms
 * of G and D work per image.
 *
 * @param frozen O, its task, Φ, which losses
 * @param moving G and D
 * @param count Number of portions
 * @param precision Of the recorded steps. @default {"float32"}
 * @param largest Numbers of weights that move at once: while they do, they and all that is kept of them are there twice
 * @returns The step, from a batch to its loss terms, the means over the portions
 * @throws {TypeError} When called, if the batch cannot be divided equally
 */
export function createAccumulatedStep<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  frozen: Frozen<O, L>,
  moving: Moving,
  count: number,
  precision?: Precision,
  largest = LARGEST,
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
  /** Whether a loss reaches a weight at all, known after the first portion. */
  let reached: readonly boolean[] = [];

  const gather = record((batch: TrainBatch<L>) => {
    const { terms, gradients } = stepGradients(frozen, moving, batch);
    const flat = [...gradients.generator, ...gradients.discriminator ?? []];
    reached = flat.map((gradient) => gradient !== undefined);
    flat.forEach((gradient, index) => {
      if (gradient) all[index].assign(tf.add(all[index], tf.div(gradient, count)));
    });
    return terms;
  }, { name: "train step: gradients", variables: [...moved, ...all], precision });

  const groups = groupsOf(all.map(({ size }) => size), largest);
  const moves = groups.map(({ first, end }) =>
    record((rates: StepRates) => {
      const isOwn = (index: number) => index >= first && index < end;
      const known = all.map((sum, index) => isOwn(index) && reached[index] ? sum : undefined);
      moveNetworks(
        moving,
        {
          generator: known.slice(0, sums.generator.length),
          discriminator: usesDiscriminator ? known.slice(sums.generator.length) : undefined,
        },
        rates,
        { isFirst: first === 0, isOwn },
      );
      for (const sum of all.slice(first, end)) sum.assign(tf.zerosLike(sum));
      return [];
    }, { name: "train step: move", variables: [...moved, ...all] })
  );

  const step = (
    { learningRate, discriminatorLearningRate, averaging, ...batch }: TrainBatch<L> & StepRates,
  ): Record<string, tf.Tensor> =>
    tf.tidy(() => {
      const terms = Array.from(
        { length: count },
        (_, index) => gather(tf.tidy(() => portion(batch as TrainBatch<L>, index, count))),
      );
      for (const move of moves) move({ learningRate, discriminatorLearningRate, averaging });
      const mean = (name: string) => tf.div(tf.addN(terms.map((term) => term[name])), count);
      return Object.fromEntries(Object.keys(terms[0]).map((name) => [name, mean(name)]));
    });

  return Object.assign(step, {
    [Symbol.dispose]() {
      gather[Symbol.dispose]();
      moves.forEach((move) => move[Symbol.dispose]());
      tf.dispose(all);
    },
    statistics: () => {
      const one = gather.statistics();
      const others = moves.map((move) => move.statistics());
      return one && others.every((other) => other !== undefined)
        ? {
          operations: others.reduce((sum, other) => sum + other.operations, one.operations),
          flops: others.reduce((sum, other) => sum + other.flops, count * one.flops),
        }
        : undefined;
    },
  });
}
