/**
 * Tensors that live until the end of a block, across awaits and exceptions.
 *
 * @module
 */
import * as tf from "./tf.ts";

/**
 * Holds tensors of an asynchronous block, which `tf.tidy` cannot, and disposes them with it.
 *
 * @example Usage
 * ```ts
 * import { HeldTensors } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const before = tf.memory().numTensors;
 * {
 *   using held = new HeldTensors();
 *   const ones = held.keep(tf.ones([2]));
 *   assert.equal((await held.keep(tf.sum(ones)).data())[0], 2);
 * }
 * assert.equal(tf.memory().numTensors, before);
 * ```
 */
export class HeldTensors implements Disposable {
  readonly #held: tf.TensorContainer[] = [];

  /** Takes ownership of a tensor, or of all tensors in a container; gives it back. */
  keep<T extends tf.TensorContainer>(tensors: T): T {
    this.#held.push(tensors);
    return tensors;
  }

  [Symbol.dispose](): void {
    tf.dispose(this.#held);
  }
}
