/**
 * Images from overlapping patches.
 *
 * @module
 */
import { minimumErrorCut } from "./seam.ts";

/** How an image is laid out with patches. */
export interface PatchLayout {
  readonly height: number;
  readonly width: number;
  /** Side of a patch. */
  readonly patch: number;
  /** First row of each row of patches. */
  readonly rows: readonly number[];
  /** First column of each column of patches. */
  readonly columns: readonly number[];
}

/**
 * Lays patches onto an image in raster order, each cut to what lies there along the path of least squared difference
 * (Efros and Freeman 2001): to the left, above, and both where a patch has both neighbours.
 *
 * @param layout Where the patches lie
 * @param patchOf The numbers of the patch at a place, `[patch, patch, 3]`
 * @returns `[height, width, 3]`
 *
 * @example Usage
 * ```ts
 * import { stitch } from "./stitch.ts";
 * import assert from "node:assert/strict";
 *
 * const places = [0, 1];
 * const layout = { height: 4, width: 4, patch: 3, rows: places, columns: places };
 * const grey = new Float32Array(27).fill(0.5);
 * assert.deepEqual(new Set(stitch(layout, () => grey)), new Set([0.5]));
 * ```
 */
export function stitch(
  { height, width, patch, rows, columns }: PatchLayout,
  patchOf: (index: number) => Float32Array,
): Float32Array {
  const image = new Float32Array(height * width * 3);
  for (const [row, top] of rows.entries()) {
    for (const [column, left] of columns.entries()) {
      const own = patchOf(row * columns.length + column);
      const placeOf = (y: number, x: number) => 3 * ((top + y) * width + left + x);
      const error = (y: number, x: number) => {
        let sum = 0;
        for (let channel = 0; channel < 3; channel++) {
          const change = own[3 * (y * patch + x) + channel] - image[placeOf(y, x) + channel];
          sum += change * change;
        }
        return sum;
      };
      const beside = column === 0 ? 0 : columns[column - 1] + patch - left;
      const above = row === 0 ? 0 : rows[row - 1] + patch - top;
      const fromLeft = cutOf(patch, beside, error);
      const fromTop = cutOf(patch, above, (x, y) => error(y, x));
      for (let y = 0; y < patch; y++) {
        for (let x = 0; x < patch; x++) {
          if (x < fromLeft[y] || y < fromTop[x]) continue;
          const from = 3 * (y * patch + x);
          image.set(own.subarray(from, from + 3), placeOf(y, x));
        }
      }
    }
  }
  return image;
}

/** How far into an overlap the older patch stays, along each line across it. */
function cutOf(
  length: number,
  overlap: number,
  error: (along: number, across: number) => number,
): Int32Array {
  if (overlap === 0) return new Int32Array(length);
  const errors = Float32Array.from(
    { length: length * overlap },
    (_, at) => error(Math.floor(at / overlap), at % overlap),
  );
  return minimumErrorCut(errors, overlap);
}
