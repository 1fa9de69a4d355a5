/**
 * Where windows lie that cover a side: of pictures cut for a network, of patches, of tiles.
 *
 * @module
 */

/**
 * Whole images evaluated in overlapping windows of the dataset's size, each of which is attacked and restored by itself:
 * the authors' code and hszhao/semseg. Images must be read at their own size (`dataset.options.fit=native`).
 */
export interface WindowSettings {
  /** `[height, width]` that whole images are fitted into, their proportions kept; the rest does not count. @origin the authors' code */
  readonly picture: readonly [number, number];
  /** Most `[rows, columns]` from one window to the next. @origin the authors' code */
  readonly stride: readonly [number, number];
  /** Whether each window is evaluated mirrored too, and both averaged. @origin the authors' code */
  readonly mirror: boolean;
}

/**
 * The first row or column of each window that covers a side: a stride apart, the last one at the end.
 *
 * @param whole Length of the side
 * @param size Length of a window; a longer one than the side begins at 0 too
 * @param stride Most from one window to the next, at least 1
 * @returns In order; at least one
 *
 * @example Usage
 * ```ts
 * import { windowStarts } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(windowStarts(1024, 425, 284), [0, 284, 568, 599]);
 * assert.deepEqual(windowStarts(300, 425, 284), [0]);
 * ```
 */
export function windowStarts(whole: number, size: number, stride: number): number[] {
  const count = Math.max(0, Math.ceil((whole - size) / stride)) + 1;
  return Array.from(
    { length: count },
    (_, index) => Math.max(0, Math.min(index * stride, whole - size)),
  );
}
