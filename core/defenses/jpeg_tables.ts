/**
 * JPEG's quantisation tables.
 *
 * @module
 */

/** ITU-T T.81, tables K.1 and K.2: steps at quality 50, rows of rising vertical frequency. */
const STEPS = {
  luma: [
    [16, 11, 10, 16, 24, 40, 51, 61],
    [12, 12, 14, 19, 26, 58, 60, 55],
    [14, 13, 16, 24, 40, 57, 69, 56],
    [14, 17, 22, 29, 51, 87, 80, 62],
    [18, 22, 37, 56, 68, 109, 103, 77],
    [24, 35, 55, 64, 81, 104, 113, 92],
    [49, 64, 78, 87, 103, 121, 120, 101],
    [72, 92, 95, 98, 112, 100, 103, 99],
  ],
  chroma: [
    [17, 18, 24, 47, 99, 99, 99, 99],
    [18, 21, 26, 66, 99, 99, 99, 99],
    [24, 26, 56, 99, 99, 99, 99, 99],
    [47, 66, 99, 99, 99, 99, 99, 99],
    [99, 99, 99, 99, 99, 99, 99, 99],
    [99, 99, 99, 99, 99, 99, 99, 99],
    [99, 99, 99, 99, 99, 99, 99, 99],
    [99, 99, 99, 99, 99, 99, 99, 99],
  ],
} as const;

/**
 * The steps that coefficients of a block are rounded to, scaled by quality as the Independent JPEG Group's codec
 * does: by 50 / quality below 50, by 2 - quality / 50 above; integers from 1 to 255.
 *
 * @param plane Brightness or colour
 * @param quality 1 to 100
 * @returns 64 steps, rows of rising vertical frequency
 *
 * @example Usage
 * ```ts
 * import { quantisationTable } from "./jpeg_tables.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(quantisationTable("luma", 75).slice(0, 4), [8, 6, 5, 8]);
 * assert.deepEqual(new Set(quantisationTable("chroma", 100)), new Set([1]));
 * ```
 */
export function quantisationTable(plane: keyof typeof STEPS, quality: number): number[] {
  const scale = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
  return STEPS[plane].flat().map((step) =>
    Math.min(255, Math.max(1, Math.floor((step * scale + 50) / 100)))
  );
}
