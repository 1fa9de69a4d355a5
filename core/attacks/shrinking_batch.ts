/**
 * A batch that becomes smaller while an attack goes on.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import * as tf from "../tf.ts";
import { paddedRows, portionFor, replaced } from "./remaining.ts";

/** The examples of a batch that an attack goes on with, and the images of those that are done. */
export class ShrinkingBatch implements Disposable {
  #images: Images;
  #rows: readonly number[];
  readonly #inPlace: boolean;

  /**
   * @param clean The whole batch; copied
   * @param inPlace Whether examples keep their places, see `Victim.positional`: it shrinks only to nothing
   */
  constructor(clean: Images, inPlace = false) {
    this.#images = tf.clone(clean);
    this.#rows = [...Array(clean.shape[0]).keys()];
    this.#inPlace = inPlace;
  }

  /** How many examples are left. */
  get count(): number {
    return this.#rows.length;
  }

  /**
   * Takes examples out that are done, if the batch of the others is smaller then: batches have few sizes, each recorded
   * once.
   *
   * @param images By place, all of this size
   * @param isDone By place: whether an example is done, with these images
   * @returns Places of those that are left, the first repeated to fill a batch, the caller disposes it; undefined if
   * nothing changes
   */
  shrink(images: Images, isDone: (place: number) => boolean): tf.Tensor1D | undefined {
    const whole = this.#images.shape[0];
    const places = this.#rows.map((_, place) => place).filter((place) => !isDone(place));
    const size = places.length === 0 ? 0 : this.#inPlace ? whole : portionFor(places.length, whole);
    if (size >= images.shape[0]) return undefined;
    this.#settle(images);
    this.#rows = places.map((place) => this.#rows[place]);
    return size === 0 ? tf.tensor1d([], "int32") : paddedRows(places, whole);
  }

  /**
   * The images of the whole batch.
   *
   * @param images By place, of those that are left
   * @returns The caller owns them
   */
  finish(images: Images): Images {
    if (this.count === this.#images.shape[0]) return tf.clone(images);
    if (this.count > 0) this.#settle(images);
    return tf.clone(this.#images);
  }

  #settle(images: Images): void {
    const before = this.#images;
    this.#images = replaced(before, images, this.#rows);
    before.dispose();
  }

  [Symbol.dispose](): void {
    this.#images.dispose();
  }
}
