/**
 * The classes of PASCAL VOC, and its colours.
 *
 * @module
 */
import type { Colour } from "@realign/core";

/** The 20 classes, in the order of their numbers. */
export const vocClasses: readonly string[] = [
  "aeroplane",
  "bicycle",
  "bird",
  "boat",
  "bottle",
  "bus",
  "car",
  "cat",
  "chair",
  "cow",
  "diningtable",
  "dog",
  "horse",
  "motorbike",
  "person",
  "pottedplant",
  "sheep",
  "sofa",
  "train",
  "tvmonitor",
];

/**
 * The colour of a number in VOC's palette: the number's bits, three at a time, are the highest bits of
 * red, green and blue, then the next lower ones, and so on.
 *
 * @param index 0 (background, black) to 255
 * @returns The colour
 *
 * @example Usage
 * ```ts
 * import { vocColour } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual([vocColour(0), vocColour(1), vocColour(15)], [[0, 0, 0], [128, 0, 0], [192, 128, 128]]);
 * ```
 */
export function vocColour(index: number): Colour {
  const colour: [number, number, number] = [0, 0, 0];
  for (let place = 7, bits = index; bits > 0; place--, bits >>= 3) {
    for (let channel = 0; channel < 3; channel++) colour[channel] |= (bits >> channel & 1) << place;
  }
  return colour;
}
