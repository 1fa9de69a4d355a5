/**
 * Batches from a dataset: read ahead in host memory, put on the device when they are asked for.
 *
 * Batch number b of a training run is a function of the seed and b alone, so a run may begin at any
 * step. Tensors are made only for the batch that is handed over: leaving a loop early leaks nothing.
 *
 * @module
 */
import type { Augmentation, Batch, Dataset, Example, Images } from "../dataset.ts";
import { createOrder, evaluationIndices } from "./order.ts";
import { ownPart } from "./own_part.ts";
import { withDetail } from "../errors.ts";
import { createRandom } from "../random.ts";
import * as tf from "../tf.ts";

/** The part of a task that batches need. */
export interface LabelEncoder<A, L> {
  /** Turns what the dataset says into label tensors. */
  encodeLabels(annotations: readonly A[]): L;
}

/** How an endless row of training batches is made. */
export interface TrainingBatchOptions<A> {
  readonly batchSize: number;
  readonly seed: number;
  /** The step to begin with, counted over all epochs. Default: 0 */
  readonly start?: number;
  /** The step to end before. Default: never */
  readonly end?: number;
  /** Changes each example at random. Default: none */
  readonly augmentation?: Augmentation<A>;
  /** After how many epochs the same augmentations come again, e.g. an attack cache's passes. Default: never */
  readonly passes?: number;
  /** How many batches are read ahead. Default: 2 */
  readonly prefetch?: number;
  /** The rows of each batch that are delivered. Default: all */
  readonly own?: { readonly first: number; readonly rows: number };
}

/** How a dataset is gone through once, in its own order. */
export interface EvaluationBatchOptions<A = unknown> {
  readonly batchSize: number;
  /** The batch to begin with. Default: 0 */
  readonly start?: number;
  /** Only each how-manieth batch from there on. Default: 1 */
  readonly every?: number;
  /** Changes every example as training batches of the same seed do in this pass. Default: nothing */
  readonly changes?: {
    readonly augmentation: Augmentation<A>;
    readonly seed: number;
    readonly pass: number;
  };
  /** How many batches are read ahead. Default: 2 */
  readonly prefetch?: number;
}

/**
 * Training batches in the seed's order, epoch after epoch; what does not fill a batch is dropped.
 *
 * The example at `index` is augmented with the stream (seed, "augment", pass, index), where pass is
 * the epoch, modulo `passes` if that is given.
 *
 * @param dataset Where examples come from
 * @param task Encodes their labels
 * @param options Batch size, seed, which steps, augmentation, how many batches to read ahead
 * @returns Batches with images `[B, H, W, 3]` in `[0, 1]`, all rows real; the caller disposes them
 * @throws {RangeError} If there is not one full batch
 *
 * @example Usage
 * ```ts
 * import { createTrainingBatches } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const dataset = {
 *   name: "numbers",
 *   split: "train",
 *   length: 10,
 *   size: [1, 1] as const,
 *   classNames: ["even", "odd"],
 *   digest: "",
 *   read: (index: number) =>
 *     Promise.resolve({
 *       id: `${index}`,
 *       picture: { height: 1, width: 1, pixels: new Uint8Array(3).fill(index) },
 *       annotation: index % 2,
 *     }),
 * };
 * const task = { encodeLabels: (parities: readonly number[]) => tf.tensor1d([...parities]) };
 * for await (const batch of createTrainingBatches(dataset, task, { batchSize: 4, seed: 1, end: 3 })) {
 *   assert.deepEqual(batch.images.shape, [4, 1, 1, 3]);
 *   tf.dispose([batch.images, batch.labels]);
 * }
 * ```
 */
export function createTrainingBatches<A, L extends tf.TensorContainer>(
  dataset: Dataset<A>,
  task: LabelEncoder<A, L>,
  options: TrainingBatchOptions<A>,
): AsyncGenerator<Batch<L>, void, void> {
  const { batchSize, seed, start = 0, end = Infinity, passes = Infinity } = options;
  const order = createOrder(dataset.length, batchSize, seed);
  const readStep = (step: number): Promise<HostBatch<A>> => {
    const { epoch, indices } = order(step);
    const pass = passes === Infinity ? epoch : epoch % passes;
    return readExamples(
      dataset,
      indices,
      pass,
      batchSize,
      augmenter(options.augmentation, seed, pass),
    );
  };
  return deliver(dataset, task, readStep, start, end, options);
}

/**
 * Every example once, in the dataset's order; the last batch repeats its last example to be full.
 * With `changes` examples look as they do in training: what an attack cache is made from.
 *
 * @param dataset Where examples come from
 * @param task Encodes their labels
 * @param options Batch size, where to begin, how many batches to read ahead
 * @returns Batches with images `[B, H, W, 3]` in `[0, 1]`, of which the first `count` rows are real;
 * the caller disposes them
 *
 * @example Usage
 * ```ts
 * import { createEvaluationBatches } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const dataset = {
 *   name: "numbers",
 *   split: "test",
 *   length: 10,
 *   size: [1, 1] as const,
 *   classNames: ["even", "odd"],
 *   digest: "",
 *   read: (index: number) =>
 *     Promise.resolve({
 *       id: `${index}`,
 *       picture: { height: 1, width: 1, pixels: new Uint8Array(3).fill(index) },
 *       annotation: index % 2,
 *     }),
 * };
 * const task = { encodeLabels: (parities: readonly number[]) => tf.tensor1d([...parities]) };
 * const counts = [];
 * for await (const batch of createEvaluationBatches(dataset, task, { batchSize: 4 })) {
 *   counts.push(batch.count);
 *   tf.dispose([batch.images, batch.labels]);
 * }
 * assert.deepEqual(counts, [4, 4, 2]);
 * ```
 */
export function createEvaluationBatches<A, L extends tf.TensorContainer>(
  dataset: Dataset<A>,
  task: LabelEncoder<A, L>,
  options: EvaluationBatchOptions<A>,
): AsyncGenerator<Batch<L>, void, void> {
  const { start = 0, every = 1, changes } = options;
  // A batch that no example fills would be padding for the greater part.
  const batchSize = Math.min(options.batchSize, Math.max(dataset.length, 1));
  const pass = changes?.pass ?? 0;
  const augment = augmenter(changes?.augmentation, changes?.seed ?? 0, pass);
  const readStep = (step: number): Promise<HostBatch<A>> => {
    const { indices, count } = evaluationIndices(dataset.length, batchSize, start + step * every);
    return readExamples(dataset, indices, pass, count, augment);
  };
  const end = Math.ceil((Math.ceil(dataset.length / batchSize) - start) / every);
  return deliver(dataset, task, readStep, 0, end, options);
}

/** Changes the example at an index by the stream that belongs to it. */
function augmenter<A>(
  augmentation: Augmentation<A> | undefined,
  seed: number,
  pass: number,
): (example: Example<A>, index: number) => Example<A> {
  if (!augmentation) return (example) => example;
  return (example, index) => augmentation(example, createRandom(seed, "augment", pass, index));
}

/** A batch in host memory. */
interface HostBatch<A> {
  readonly ids: readonly string[];
  readonly indices: Uint32Array;
  readonly pass: number;
  readonly pixels: Float32Array;
  readonly annotations: readonly A[];
  readonly count: number;
}

async function readExamples<A>(
  dataset: Dataset<A>,
  indices: Uint32Array,
  pass: number,
  count: number,
  augment: (example: Example<A>, index: number) => Example<A>,
): Promise<HostBatch<A>> {
  const [height, width] = dataset.size;
  const area = height * width * 3;
  const pixels = new Float32Array(indices.length * area);
  const real = await Promise.all(
    Array.from(
      indices.subarray(0, count),
      async (index) => augment(await dataset.read(index), index),
    ),
  );
  const examples = Array.from(indices, (_, row) => real[Math.min(row, count - 1)]);
  for (const [row, { id, picture }] of examples.entries()) {
    if (!ArrayBuffer.isView(picture?.pixels) || picture.pixels.BYTES_PER_ELEMENT !== 1) {
      throw new TypeError(
        `Cannot put ${id} of ${dataset.name} into a batch as its pixels must be bytes, a Uint8Array`,
      );
    }
    if (picture.height !== height || picture.width !== width || picture.pixels.length !== area) {
      throw new Error(
        `Cannot put ${id} of ${dataset.name} into a batch as its size must be ${height}x${width}: ` +
          `current size is ${picture.height}x${picture.width}`,
      );
    }
    for (let from = 0, to = row * area; from < area; from++) {
      pixels[to++] = picture.pixels[from] / 255;
    }
  }
  const annotations = examples.map((example) => example.annotation);
  return { ids: examples.map((example) => example.id), indices, pass, pixels, annotations, count };
}

/** Keeps `prefetch` batches under way beside the one that is handed over, of which `own` rows are delivered. */
async function* deliver<A, L extends tf.TensorContainer>(
  dataset: Dataset<A>,
  task: LabelEncoder<A, L>,
  readStep: (step: number) => Promise<HostBatch<A>>,
  start: number,
  end: number,
  { prefetch = 2, own }: Pick<TrainingBatchOptions<A>, "prefetch" | "own">,
): AsyncGenerator<Batch<L>, void, void> {
  const underWay: Promise<HostBatch<A>>[] = [];
  let next = start;
  try {
    for (let step = start; step < end; step++) {
      while (next < end && next <= step + prefetch) {
        const batch = readStep(next++);
        batch.catch(() => {}); // reported when its turn comes
        underWay.push(batch);
      }
      const { ids, indices, pass, pixels, annotations, count } = await underWay.shift()!;
      const labels = encode(dataset.name, task, ids, annotations);
      const shape: Images["shape"] = [ids.length, ...dataset.size, 3];
      yield own
        ? ownPart({ ids, indices, pass, count, labels }, pixels, shape, own)
        : { ids, indices, pass, images: tf.tensor4d(pixels, shape), labels, count };
    }
  } finally {
    await Promise.allSettled(underWay);
  }
}

/** Encodes labels; what the task refuses is told with the example that it is of. */
function encode<A, L extends tf.TensorContainer>(
  name: string,
  task: LabelEncoder<A, L>,
  ids: readonly string[],
  annotations: readonly A[],
): L {
  try {
    return task.encodeLabels(annotations);
  } catch (error) {
    const refused = annotations.findIndex((annotation) => {
      try {
        tf.dispose(task.encodeLabels([annotation]));
        return false;
      } catch {
        return true;
      }
    });
    if (!(error instanceof Error) || refused < 0) throw error;
    throw withDetail(error, ` (${ids[refused]} of ${name})`);
  }
}
