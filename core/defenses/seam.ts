/**
 * Cuts between overlapping patches.
 *
 * @module
 */

/**
 * The cut of least error through an overlap, from its first row to its last, at most one column further in each row
 * (Efros and Freeman 2001), by dynamic programming; of equals, the first columns.
 *
 * @param errors Of each pixel of the overlap, rows from the top
 * @param columns Number of columns
 * @returns The cut's column in each row
 *
 * @example Usage
 * ```ts
 * import { minimumErrorCut } from "./seam.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual([...minimumErrorCut(Float32Array.of(9, 0, 9, 0, 9, 9, 9, 0, 9), 3)], [1, 0, 1]);
 * ```
 */
export function minimumErrorCut(errors: Float32Array, columns: number): Int32Array {
  const rows = errors.length / columns;
  const sums = Float64Array.from(errors);
  const least = (row: number, column: number) => {
    let best = Math.max(column - 1, 0);
    for (let next = best + 1; next <= Math.min(column + 1, columns - 1); next++) {
      if (sums[row * columns + next] < sums[row * columns + best]) best = next;
    }
    return best;
  };
  for (let row = 1; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      sums[row * columns + column] += sums[(row - 1) * columns + least(row - 1, column)];
    }
  }
  const cut = new Int32Array(rows);
  for (let column = 1; column < columns; column++) {
    const last = (rows - 1) * columns;
    if (sums[last + column] < sums[last + cut[rows - 1]]) cut[rows - 1] = column;
  }
  for (let row = rows - 2; row >= 0; row--) cut[row] = least(row, cut[row + 1]);
  return cut;
}
