/**
 * Those of a batch who are still on their way, where the others have arrived.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import * as tf from "../tf.ts";
import { paddedRows, portionFor, replaced } from "./remaining.ts";

/** The examples of a batch that go on, and the images of those that do not. */
export class Climbers implements Disposable {
  #images: Images;
  #rows: readonly number[];

  /** @param clean The whole batch; copied */
  constructor(clean: Images) {
    this.#images = tf.clone(clean);
    this.#rows = [...Array(clean.shape[0]).keys()];
  }

  /** How many go on. */
  get count(): number {
    return this.#rows.length;
  }

  /**
   * Lets examples leave, if the batch of those that go on is smaller then: batches have few sizes, each recorded once.
   *
   * @param images By place
   * @param hasArrived By place: whether an example may leave with these images
   * @returns Places of those that go on, the first repeated to fill a batch; undefined if all stay
   */
  leave(images: Images, hasArrived: (place: number) => boolean): tf.Tensor1D | undefined {
    const whole = this.#images.shape[0];
    const places = this.#rows.map((_, place) => place).filter((place) => !hasArrived(place));
    if (places.length > 0 && portionFor(places.length, whole) >= images.shape[0]) return undefined;
    this.#settle(images);
    this.#rows = places.map((place) => this.#rows[place]);
    return places.length > 0 ? paddedRows(places, whole) : tf.tensor1d([], "int32");
  }

  /**
   * Ends the climb.
   *
   * @param images By place, of those that went on
   * @returns Images of the whole batch
   */
  arrive(images: Images): Images {
    if (this.count === this.#images.shape[0]) return images;
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
