/**
 * Trainings as a preset asks for them: the trainer with the batches that it takes.
 *
 * @module
 */
import { AttackCache, type CacheProgress, type CacheStorage } from "../adversaries/attack_cache.ts";
import type { Attack } from "../attacks/attack.ts";
import { lookUp } from "../names.ts";
import { createAttack } from "../attacks/mod.ts";
import { createEvaluationBatches, createTrainingBatches } from "../batches/mod.ts";
import type { Augmentation, Batch, Dataset } from "../dataset.ts";
import { victimOf } from "../evaluate/evaluate.ts";
import type { PerceptualNetwork } from "../networks/perceptual.ts";
import type { Preset } from "../preset.ts";
import type { TargetModel, TaskAdapter } from "../task.ts";
import type * as tf from "../tf.ts";
import { GeneratorTrainer } from "./trainer.ts";
import { TargetTrainer } from "./target.ts";

/** Parts of an attack cache are about as large, so that one of many is read in no time. */
const PART_BYTES = 16 * 2 ** 20;

/** What a training is made from. */
export interface TrainingSource<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
> {
  readonly preset: Preset;
  readonly task: TaskAdapter<O, L, A>;
  /** O: with weights of its own, or to be trained. */
  readonly target: TargetModel<O>;
  /** The training split. */
  readonly dataset: Dataset<A>;
  /** Overrides the preset's epochs. */
  readonly steps?: number;
}

/** A training and its data. Dispose the trainer. */
export interface Training<Trainer, L> {
  readonly trainer: Trainer;
  /** The batches from one step up to another; what a training is given to run on. */
  readonly batches: (start: number, end: number) => AsyncGenerator<Batch<L>, void, void>;
}

/** Random changes by the name that a preset gives them. Throws RangeError if the task has none of that name. */
function augmentationOf<A>(
  { name, augmentations }: {
    name: string;
    augmentations: Readonly<Record<string, Augmentation<A>>>;
  },
  wanted: string,
): Augmentation<A> {
  return lookUp(augmentations, wanted, `change pictures for ${name}`, "the augmentation");
}

/**
 * Counts the steps of an epoch and of a whole training.
 *
 * @param dataset The examples
 * @param batchSize Examples a step
 * @param epochs How often each example is looked at
 * @param steps Instead of epochs
 * @throws {RangeError} If the data do not fill one batch
 *
 * @example Usage
 * ```ts
 * import { countSteps } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const dataset = { name: "shapes", split: "train", length: 100 };
 * assert.deepEqual(countSteps(dataset, 16, 2), { stepsPerEpoch: 6, totalSteps: 12 });
 * ```
 */
export function countSteps(
  { name, split, length }: Pick<Dataset<unknown>, "name" | "split" | "length">,
  batchSize: number,
  epochs: number,
  steps?: number,
): { stepsPerEpoch: number; totalSteps: number } {
  const stepsPerEpoch = Math.floor(length / batchSize);
  if (stepsPerEpoch === 0 && (steps ?? epochs) > 0) {
    throw new RangeError(
      `Cannot train as a batch must be at most the ${length} examples of ${name} ${split}: current value is ${batchSize}`,
    );
  }
  return { stepsPerEpoch, totalSteps: steps ?? Math.round(epochs * stepsPerEpoch) };
}

/**
 * Makes the training of O that a preset asks for.
 *
 * @param source O, its data, the preset
 * @returns O in training, at step 0, and its batches
 * @throws {RangeError} If the preset names an augmentation that the task has not, or batches larger
 * than the training split
 */
export function createTargetTraining<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
>(source: TrainingSource<O, L, A>): Training<TargetTrainer<O, L>, L> {
  const { preset: { seed, target: { train: settings } }, task, target, dataset, steps } = source;
  const { batchSize, epochs } = settings;
  const augmentation = augmentationOf(task, settings.augmentation);
  const { stepsPerEpoch, totalSteps } = countSteps(dataset, batchSize, epochs, steps);
  return {
    trainer: new TargetTrainer(task, target, settings, stepsPerEpoch, totalSteps),
    batches: (start, end) =>
      createTrainingBatches(dataset, task, { batchSize, seed, start, end, augmentation }),
  };
}

/**
 * Makes the training of G that a preset asks for.
 *
 * @param source O with its weights, the data, the preset; the network of L_p (Eq. 2); where x^a comes from
 * @returns G and D in training, at step 0, and their batches
 * @throws {RangeError} If the preset names an augmentation that the task has not, or batches larger
 * than the training split
 */
export function createGeneratorTraining<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
>(
  source: TrainingSource<O, L, A> & {
    readonly perceptual: PerceptualNetwork;
    readonly adversaries: AttackCache<O, L> | Attack<L>;
  },
): Training<GeneratorTrainer<O, L>, L> {
  const { preset, task, target, dataset, perceptual, adversaries, steps } = source;
  const { batchSize, epochs, attackCache } = preset.train;
  const augmentation = augmentationOf(task, preset.train.augmentation);
  const { stepsPerEpoch, totalSteps } = countSteps(dataset, batchSize, epochs, steps);
  const parts = { preset, task, target, perceptual, adversaries, stepsPerEpoch, totalSteps };
  const draws = "lookUp" in adversaries ? attackCache : undefined;
  return {
    trainer: new GeneratorTrainer(parts),
    batches: (start, end) =>
      createTrainingBatches(dataset, task, {
        batchSize,
        seed: preset.seed,
        start,
        end,
        augmentation,
        draws,
      }),
  };
}

/** The attack that G is trained against, on O alone. */
export function createTrainingAttack<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
>({ preset, task, target }: Omit<TrainingSource<O, L, A>, "dataset">): Attack<L> {
  return createAttack(preset.attack, victimOf({ task, target }), task.attacks);
}

/**
 * Fills the cache of adversarial images that a preset asks for.
 *
 * @param source O with its weights, the data, the preset; the attack
 * @param storage Keeps finished parts
 * @param progress Told after every batch that was made or read
 * @returns The cache, complete; dispose it
 */
export async function fillTrainingCache<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
>(
  source: TrainingSource<O, L, A> & { readonly attack: Attack<L> },
  storage: CacheStorage,
  progress: (progress: CacheProgress) => void = () => {},
): Promise<AttackCache<O, L>> {
  const { preset: { seed, train }, task, target, dataset, attack } = source;
  const { attackCache: draws, batchSize } = train;
  const augmentation = augmentationOf(task, train.augmentation);
  const { length, size } = dataset;
  const cache = new AttackCache({ task, target, attack, length, size, draws, seed });
  const batches = (draw: number, start: number) =>
    createEvaluationBatches(dataset, task, {
      batchSize,
      start,
      changes: { augmentation, seed, draw },
    });
  try {
    const batchBytes = batchSize * size[0] * size[1] * 3;
    const perPart = Math.min(64, Math.max(1, Math.floor(PART_BYTES / batchBytes)));
    for await (const done of cache.fill(batches, storage, perPart)) progress(done);
    return cache;
  } catch (error) {
    cache[Symbol.dispose]();
    throw error;
  }
}
