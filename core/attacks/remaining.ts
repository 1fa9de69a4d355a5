/**
 * Batches of those examples that are still to be attacked.
 *
 * @module
 */
import { copied } from "../backend/containers.ts";
import type { Images } from "../dataset.ts";
import { HeldTensors } from "../held_tensors.ts";
import * as tf from "../tf.ts";

/** Sizes of batches that an attack may be given, as shares of the whole: each is recorded once. */
const PORTIONS = 16;

/**
 * The size of the batch for some examples of a whole one.
 *
 * @param count Examples, at least 1
 * @param whole Size of the whole batch
 * @returns The least number of sixteenths of it that holds them, rounded up; for few of many, a power of two
 */
export function portionFor(count: number, whole: number): number {
  const sixteenths = Math.ceil(count * PORTIONS / whole);
  const size = Math.ceil(sixteenths * whole / PORTIONS);
  return Math.min(size, 2 ** Math.ceil(Math.log2(count)));
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

/** The numbers of all rows of a batch. */
const rowsIn = ({ shape: [whole] }: Images): number[] => [...Array(whole).keys()];

/** What an attack made of some examples. */
export interface Tried {
  readonly images: Images;
  /** By place: whether the example is done with. */
  readonly isFallen: (place: number) => boolean;
  /** By place: whether the images take the place of those before. Default: those of examples that fell */
  readonly isTaken?: (place: number) => boolean;
}

/** The examples of a batch that are still to be attacked, and the images of all of them so far. */
export class RemainingExamples implements Disposable {
  #images: Images;
  #rows: readonly number[];
  readonly #inPlace: boolean;

  /**
   * @param clean The first images; copied
   * @param isOpen By row: whether it is to be attacked
   * @param inPlace Whether all are given to every attack, each in its place, see `Victim.positional`
   */
  constructor(clean: Images, isOpen: (row: number) => boolean, inPlace = false) {
    this.#images = tf.clone(clean);
    this.#rows = rowsIn(clean).filter(isOpen);
    this.#inPlace = inPlace;
  }

  /** The rows that are left. */
  get rows(): readonly number[] {
    return this.#rows;
  }

  /**
   * Attacks the examples that are left, in a batch as small as they need, or all in their places.
   *
   * @param batch All of their inputs, each with the examples along its first axis
   * @param attack From those rows of it, and which they are by place; what it keeps is disposed afterwards
   * @returns The rows that fell
   */
  async attack<C extends tf.TensorContainerObject>(
    batch: C,
    attack: (part: C, held: HeldTensors, rows: readonly number[]) => Promise<Tried>,
  ): Promise<readonly number[]> {
    using held = new HeldTensors();
    const [whole] = this.#images.shape;
    const open = new Set(this.#rows);
    const rows = this.#inPlace ? rowsIn(this.#images) : this.#rows;
    // Most often all are left in the beginning: they need no copy.
    const part = rows.length === whole ? batch : held.keep(
      tf.tidy(() => rowsOf(batch, paddedRows(rows, whole))),
    );
    const { images, isFallen, isTaken = isFallen } = await attack(part, held, rows);
    const taken = new Set(rows.filter((_, place) => isTaken(place)));
    const before = this.#images;
    this.#images = replaced(before, images, rows, (row) => open.has(row) && taken.has(row));
    before.dispose();
    const fallen = rows.filter((row, place) => open.has(row) && isFallen(place));
    const gone = new Set(fallen);
    this.#rows = this.#rows.filter((row) => !gone.has(row));
    return fallen;
  }

  /** A copy of the images so far, which the caller owns. */
  images(): Images {
    return tf.clone(this.#images);
  }

  [Symbol.dispose](): void {
    this.#images.dispose();
  }
}
