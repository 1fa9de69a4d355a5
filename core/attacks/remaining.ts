/**
 * Batches of those examples that are still to be attacked.
 *
 * @module
 */
import { copied } from "../backend/containers.ts";
import type { Images } from "../dataset.ts";
import * as tf from "../tf.ts";

/** Sizes of batches that an attack may be given, as divisors of the whole: each is recorded once. */
const PORTIONS = [8, 4, 2];

/**
 * The size of the batch for some examples of a whole one.
 *
 * @param count Examples, at least 1
 * @param whole Size of the whole batch
 * @returns An eighth, a quarter or a half of it, rounded up, or the whole
 */
export function portionFor(count: number, whole: number): number {
  const sizes = [...PORTIONS.map((divisor) => Math.ceil(whole / divisor)), whole];
  return sizes.find((size) => size >= count)!;
}

/**
 * Rows of a batch, the first of them repeated up to one of a few sizes.
 *
 * @param rows At least one
 * @param whole Size of the whole batch
 * @returns The caller disposes it
 */
export function paddedRows(rows: readonly number[], whole: number): tf.Tensor1D {
  const size = portionFor(rows.length, whole);
  return tf.tensor1d([...rows, ...Array(size - rows.length).fill(rows[0])], "int32");
}

/** Rows of all tensors of a container, each with the examples of a batch along its first axis. */
export function rowsOf<C extends tf.TensorContainer>(container: C, rows: tf.Tensor1D): C {
  return copied(container, (tensor) => tf.gather(tensor, rows));
}

/**
 * A batch with the images of some rows replaced.
 *
 * @param batch Images
 * @param images `images[place]` are those of row `rows[place]`
 * @param rows Rows of the batch
 * @param isReplaced Which of them. Default: all
 */
export function replaced(
  batch: Images,
  images: Images,
  rows: readonly number[],
  isReplaced: (row: number) => boolean = (row) => rows.includes(row),
): Images {
  const order = Array.from(
    { length: batch.shape[0] },
    (_, row) => isReplaced(row) ? batch.shape[0] + rows.indexOf(row) : row,
  );
  return tf.tidy(() => tf.gather(tf.concat([batch, images]), tf.tensor1d(order, "int32")));
}
