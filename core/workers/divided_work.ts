/**
 * Work on a batch that workers divide among them outside of a recorded step.
 *
 * @module
 */
import { copied } from "../backend/containers.ts";
import * as tf from "../tf.ts";
import { gathered } from "./exchange.ts";
import { fromAll } from "./messages.ts";
import { activeWorkers, ownRows } from "./workers.ts";

/**
 * Computes tensors of a batch: each worker of its own rows, and all have those of the whole.
 *
 * @param batch Tensors whose first axis is the examples; borrowed
 * @param compute From this worker's rows, which are borrowed, to tensors of them
 * @returns Of all rows; owned by the caller
 * @throws {RangeError} If shares would not be equal
 *
 * @example Usage
 * ```ts
 * import { inShares } from "@realign/core/workers";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const images = tf.tensor1d([1, 2]);
 * const double = await inShares(images, (own) => Promise.resolve(tf.mul(own, 2))); // a process that is alone
 * assert.deepEqual([...double.dataSync()], [2, 4]);
 * ```
 */
export async function inShares<B extends tf.TensorContainer, R extends tf.TensorContainer>(
  batch: B,
  compute: (own: B) => Promise<R>,
): Promise<R> {
  if (activeWorkers().count === 1) return await compute(batch);
  const own = copied(batch, (tensor) => {
    const { first, rows } = ownRows(tensor.shape[0]);
    return tf.slice(tensor, first, rows);
  });
  try {
    const computed = await compute(own);
    const all = tf.tidy(() => gathered(computed));
    tf.dispose(computed);
    return all;
  } finally {
    tf.dispose(own);
  }
}

/**
 * What a worker found, if all found the same.
 *
 * @param found Undefined for nothing
 * @param mark A whole number that tells what was found
 * @returns Undefined if any worker found another thing, or nothing
 *
 * @example Usage
 * ```ts
 * import { foundByAll } from "@realign/core/workers";
 * import assert from "node:assert/strict";
 *
 * assert.equal(await foundByAll("part", ({ length }) => length), "part"); // a process that is alone
 * ```
 */
export async function foundByAll<T>(
  found: T | undefined,
  mark: (found: T) => number,
): Promise<T | undefined> {
  const marks = await fromAll(Int32Array.of(found === undefined ? -1 : mark(found)));
  return marks.every(([other]) => other === marks[0][0]) ? found : undefined;
}
