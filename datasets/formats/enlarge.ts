/**
 * Enlarges pictures bilinearly, with the middles of pixels where label maps and boxes have them.
 *
 * @module
 */
import type { Picture } from "@realign/core";

/** A stretch of an axis, in pixels; it may begin and end within one. */
export interface Stretch {
  readonly from: number;
  readonly length: number;
}

/** The two pixels beside a place on an axis, and the share of the second. */
type Between = readonly [first: number, second: number, share: number];

/** For each of the wanted pixels the two beside its middle; beyond the edges the last one counts. */
function placesOn(side: number, { from, length }: Stretch, wanted: number): Between[] {
  const last = side - 1;
  return Array.from({ length: wanted }, (_, index) => {
    const place = from + (index + 0.5) * length / wanted - 0.5;
    const bounded = Math.min(last, Math.max(0, place));
    const first = Math.floor(bounded);
    return [first, Math.min(last, first + 1), bounded - first];
  });
}

/**
 * Takes a part of a picture and stretches it: pixel i of n has its middle at (i + 0.5) / n of the part, as PIL, PyTorch
 * and `resizeImages` have it. libvips puts enlarged pictures half a pixel of the result further right and down.
 *
 * @param picture Left as it is
 * @param size `[height, width]` of the result, nowhere smaller than the part
 * @param part Rows and columns that are taken. Default: all
 * @returns A picture of that size
 *
 * @example Usage
 * ```ts
 * import { enlarge } from "./enlarge.ts";
 * import assert from "node:assert/strict";
 *
 * const grey = (...values: number[]) => Uint8Array.from(values.flatMap((value) => [value, value, value]));
 * const { pixels } = enlarge({ height: 1, width: 2, pixels: grey(0, 100) }, [1, 4]);
 * assert.deepEqual(pixels, grey(0, 25, 75, 100));
 * ```
 */
export function enlarge(
  { height, width, pixels }: Picture,
  [rows, columns]: readonly [number, number],
  part: { readonly rows?: Stretch; readonly columns?: Stretch } = {},
): Picture {
  const down = placesOn(height, part.rows ?? { from: 0, length: height }, rows);
  const across = placesOn(width, part.columns ?? { from: 0, length: width }, columns);
  const enlarged = new Uint8Array(rows * columns * 3);
  let to = 0;
  for (const [top, bottom, below] of down) {
    const [upper, lower] = [3 * top * width, 3 * bottom * width];
    for (const [left, right, beside] of across) {
      const [first, second] = [3 * left, 3 * right];
      for (let channel = 0; channel < 3; channel++) {
        const above = pixels[upper + first + channel] * (1 - beside) +
          pixels[upper + second + channel] * beside;
        const beneath = pixels[lower + first + channel] * (1 - beside) +
          pixels[lower + second + channel] * beside;
        enlarged[to++] = Math.round(above * (1 - below) + beneath * below);
      }
    }
  }
  return { height: rows, width: columns, pixels: enlarged };
}
