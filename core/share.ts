/**
 * A share of numbered pieces of work.
 *
 * @module
 */

/** One of several shares of numbered pieces of work: every `count`-th piece, from `index` on. */
export interface Share {
  /** From 0 on, less than `count`. */
  readonly index: number;
  readonly count: number;
}

/**
 * Whether a piece of work is in a share.
 *
 * @param share The share; without one all work is in it
 * @param piece Its number, from 0 on
 *
 * @example Usage
 * ```ts
 * import { isInShare } from "@realign/core/shares";
 * import assert from "node:assert/strict";
 *
 * const second = { index: 1, count: 3 };
 * assert.deepEqual([0, 1, 2, 3, 4, 5].filter((piece) => isInShare(second, piece)), [1, 4]);
 * ```
 */
export function isInShare(share: Share | undefined, piece: number): boolean {
  return share === undefined || piece % share.count === share.index;
}
