/**
 * Changes of pictures that a task's augmentations are made of.
 *
 * @module
 */
import type { Picture } from "../dataset.ts";

/** Bytes a pixel. */
const CHANNELS = 3;

/**
 * Mirrors a picture, left to right.
 *
 * @param picture Left as it is
 * @returns A picture of the same size
 *
 * @example Usage
 * ```ts
 * import { flipPicture } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const flipped = flipPicture({ height: 1, width: 2, pixels: Uint8Array.of(1, 2, 3, 7, 8, 9) });
 * assert.deepEqual([...flipped.pixels], [7, 8, 9, 1, 2, 3]);
 * ```
 */
export function flipPicture(picture: Picture): Picture {
  const { height, width, pixels } = picture;
  const flipped = new Uint8Array(pixels.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const from = CHANNELS * (row * width + column);
      const to = CHANNELS * (row * width + width - 1 - column);
      for (let channel = 0; channel < CHANNELS; channel++) {
        flipped[to + channel] = pixels[from + channel];
      }
    }
  }
  return { height, width, pixels: flipped };
}

/**
 * Moves a picture within its frame; what comes in from outside is black.
 *
 * Padding by n pixels and cropping back at random is a move by -n to n pixels each way.
 *
 * @param picture Left as it is
 * @param down Rows that it moves down by; upwards if negative
 * @param right Columns that it moves to the right by; to the left if negative
 * @returns A picture of the same size
 *
 * @example Usage
 * ```ts
 * import { shiftPicture } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const picture = { height: 1, width: 2, pixels: Uint8Array.of(1, 2, 3, 7, 8, 9) };
 * assert.deepEqual([...shiftPicture(picture, 0, 1).pixels], [0, 0, 0, 1, 2, 3]);
 * ```
 */
export function shiftPicture(picture: Picture, down: number, right: number): Picture {
  const { height, width, pixels } = picture;
  const shifted = new Uint8Array(pixels.length);
  const firstRow = Math.max(0, -down);
  const lastRow = Math.min(height, height - down);
  const firstColumn = Math.max(0, -right);
  const lastColumn = Math.min(width, width - right);
  if (firstColumn >= lastColumn) return { height, width, pixels: shifted };
  for (let row = firstRow; row < lastRow; row++) {
    const line = pixels.subarray(
      CHANNELS * (row * width + firstColumn),
      CHANNELS * (row * width + lastColumn),
    );
    shifted.set(line, CHANNELS * ((row + down) * width + firstColumn + right));
  }
  return { height, width, pixels: shifted };
}
