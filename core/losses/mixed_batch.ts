/**
 * Batches of which a share is attacked.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import * as tf from "../tf.ts";

/**
 * How many examples of a batch are attacked.
 *
 * @param batchSize All of them
 * @param share In (0, 1]
 * @returns At least 1
 * @throws {RangeError} If the share is out of range, or of no example
 *
 * @example Usage
 * ```ts
 * import { attackedRows } from "@realign/core/losses";
 * import assert from "node:assert/strict";
 *
 * assert.equal(attackedRows(16, 0.5), 8);
 * assert.throws(() => attackedRows(16, 0), /share must be above 0 and at most 1/);
 * ```
 */
export function attackedRows(batchSize: number, share: number): number {
  const rows = Math.round(batchSize * share);
  if (share > 0 && share <= 1 && rows > 0) return rows;
  throw new RangeError(
    `Cannot train O as target.train.adversarial.share must be above 0 and at most 1, and of at least one of ${batchSize} examples: current value is ${share}`,
  );
}

/**
 * The last rows of a tensor, along the axis of the examples.
 *
 * @param tensor `[B, ...]`
 * @param rows How many, at most B
 * @returns `[rows, ...]`
 *
 * @example Usage
 * ```ts
 * import { lastRows } from "@realign/core/losses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * assert.deepEqual([...lastRows(tf.tensor1d([1, 2, 3]), 2).dataSync()], [2, 3]);
 * ```
 */
export function lastRows<T extends tf.Tensor>(tensor: T, rows: number): T {
  return tf.slice(tensor, tensor.shape[0] - rows) as T;
}

/**
 * A batch whose last examples are attacked; the others, other pictures, stay clean.
 *
 * @param clean `[B, H, W, 3]`
 * @param adversarial `[R, H, W, 3]`, the attacked ones of the last R examples, R at most B
 * @returns `[B, H, W, 3]`
 *
 * @example Usage
 * ```ts
 * import { withLastAttacked } from "@realign/core/losses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const clean = tf.tensor4d([1, 2, 3], [3, 1, 1, 1]);
 * const mixed = withLastAttacked(clean, tf.tensor4d([9], [1, 1, 1, 1]));
 * assert.deepEqual([...mixed.dataSync()], [1, 2, 9]);
 * ```
 */
export function withLastAttacked(clean: Images, adversarial: Images): Images {
  const kept = clean.shape[0] - adversarial.shape[0];
  if (kept === 0) return tf.clone(adversarial);
  return tf.concat([tf.slice(clean, 0, kept), adversarial]) as Images;
}
