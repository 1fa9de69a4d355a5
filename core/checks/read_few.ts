/**
 * A few examples to try something on.
 *
 * @module
 */
import {
  createEvaluationBatches,
  type EvaluationBatchOptions,
  type LabelEncoder,
} from "../batches/mod.ts";
import type { Batch, Dataset } from "../dataset.ts";
import type { Preset } from "../preset.ts";
import type * as tf from "../tf.ts";
import { augmentationOf, type TrainingSource } from "../train/training_source.ts";

/** How the first pass of a training of G changes examples. */
export function asInTraining<A>(
  { seed, train }: Preset,
  task: Pick<TrainingSource<never, never, A>["task"], "name" | "augmentations">,
): NonNullable<EvaluationBatchOptions<A>["changes"]> {
  return { augmentation: augmentationOf(task, train.augmentation), seed, pass: 0 };
}

/** The first examples of a dataset, as they are or as they look in training; the caller disposes them. */
export async function readFew<L extends tf.TensorContainer, A>(
  { task, dataset }: { readonly task: LabelEncoder<A, L>; readonly dataset: Dataset<A> },
  batchSize: number,
  changes?: EvaluationBatchOptions<A>["changes"],
): Promise<Batch<L> | void> {
  const options = { batchSize, prefetch: 0, ...(changes && { changes }) };
  return (await createEvaluationBatches(dataset, task, options).next()).value;
}
