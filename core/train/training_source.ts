/**
 * Inputs of trainings: a preset, a task, O, the training split.
 *
 * @module
 */
import type { Augmentation, Dataset } from "../dataset.ts";
import { lookUp } from "../names.ts";
import type { Preset } from "../preset.ts";
import type { TargetModel, TaskAdapter } from "../task.ts";
import type * as tf from "../tf.ts";

/** Inputs of a training. */
export interface TrainingSource<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
> {
  readonly preset: Preset;
  readonly task: TaskAdapter<O, L, A>;
  /** O: already trained, or to be trained. */
  readonly target: TargetModel<O>;
  /** The training split. */
  readonly dataset: Dataset<A>;
  /** Overrides the preset's epochs. */
  readonly steps?: number;
  /** Ends attacks within a step: they then fail with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Looks up a task's augmentation by name.
 *
 * @param task Named in errors
 * @param wanted E.g. "flip"
 * @returns The augmentation
 * @throws {RangeError} If the task has no augmentation of that name
 *
 * @example Usage
 * ```ts
 * import { augmentationOf } from "./training_source.ts";
 * import assert from "node:assert/strict";
 *
 * const task = { name: "toy", augmentations: { flip: <E>(example: E) => example } };
 * assert.equal(augmentationOf(task, "flip"), task.augmentations.flip);
 * assert.throws(() => augmentationOf(task, "flop"), /did you mean "flip"/);
 * ```
 */
export function augmentationOf<A>(
  { name, augmentations }: {
    readonly name: string;
    readonly augmentations: Readonly<Record<string, Augmentation<A>>>;
  },
  wanted: string,
): Augmentation<A> {
  return lookUp(augmentations, wanted, `augment images for ${name}`, "the augmentation");
}

/**
 * Counts the steps of an epoch and of a whole training.
 *
 * @param dataset The examples
 * @param batchSize Examples a step
 * @param epochs Number of passes over the examples
 * @param steps Instead of epochs
 * @throws {RangeError} If the data does not fill one batch, or the epochs one step
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
      `Cannot train as the batch size must be at most the ${length} examples of ${name} ${split}: current value is ${batchSize}`,
    );
  }
  const totalSteps = steps ?? Math.round(epochs * stepsPerEpoch);
  if (totalSteps === 0 && epochs > 0 && steps === undefined) {
    throw new RangeError(
      `Cannot train as the epochs must amount to at least one of ${stepsPerEpoch} steps: current value is ${epochs}`,
    );
  }
  return { stepsPerEpoch, totalSteps };
}
