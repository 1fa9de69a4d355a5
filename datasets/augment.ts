/**
 * Random changes of training pictures whose annotation says nothing about places in the picture.
 *
 * @module
 */
import type { Augmentation, Picture } from "@realign/core";
import type { ClassAnnotation } from "./dataset.ts";

/**
 * Mirrors a picture left to right.
 *
 * @param picture Any picture
 * @returns A new picture
 *
 * @example Usage
 * ```ts
 * import { flipPicture } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * const picture = { height: 1, width: 2, pixels: Uint8Array.of(1, 2, 3, 4, 5, 6) };
 * assert.deepEqual([...flipPicture(picture).pixels], [4, 5, 6, 1, 2, 3]);
 * ```
 */
export function flipPicture({ height, width, pixels }: Picture): Picture {
  const flipped = new Uint8Array(pixels.length);
  for (let at = 0; at < height * width; at++) {
    const column = at % width;
    const from = 3 * (at - column + width - 1 - column);
    flipped.set(pixels.subarray(from, from + 3), 3 * at);
  }
  return { height, width, pixels: flipped };
}

/**
 * Moves a picture, which keeps its size; what comes in from outside is black.
 *
 * @param picture Any picture
 * @param right Pixels to the right, or to the left if negative
 * @param down Pixels downwards, or upwards if negative
 * @returns A new picture
 *
 * @example Usage
 * ```ts
 * import { shiftPicture } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * const picture = { height: 1, width: 2, pixels: Uint8Array.of(1, 2, 3, 4, 5, 6) };
 * assert.deepEqual([...shiftPicture(picture, 1, 0).pixels], [0, 0, 0, 1, 2, 3]);
 * ```
 */
export function shiftPicture(
  { height, width, pixels }: Picture,
  right: number,
  down: number,
): Picture {
  const shifted = new Uint8Array(pixels.length);
  const columns = width - Math.abs(right);
  for (let y = Math.max(0, down); columns > 0 && y < Math.min(height, height + down); y++) {
    const from = 3 * ((y - down) * width + Math.max(0, -right));
    shifted.set(pixels.subarray(from, from + 3 * columns), 3 * (y * width + Math.max(0, right)));
  }
  return { height, width, pixels: shifted };
}

/**
 * The augmentations of classification by name: "flip" mirrors every other picture; "flip-crop" also
 * takes a random window of the picture with a black border of an eighth of its size (4 pixels of 32).
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { classificationAugmentations, openShapes } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * const example = await openShapes("train").read(0);
 * const augmented = classificationAugmentations["flip-crop"](example, createRandom(1));
 * assert.equal(augmented.annotation.class, example.annotation.class);
 * ```
 */
export const classificationAugmentations: Readonly<
  Record<"flip" | "flip-crop", Augmentation<ClassAnnotation>>
> = {
  flip: (example, random) =>
    random.next() < 0.5 ? { ...example, picture: flipPicture(example.picture) } : example,
  "flip-crop": (example, random) => {
    const { picture } = example;
    const border = Math.round(Math.min(picture.height, picture.width) / 8);
    const flipped = random.next() < 0.5 ? flipPicture(picture) : picture;
    const right = random.integer(2 * border + 1) - border;
    const down = random.integer(2 * border + 1) - border;
    return { ...example, picture: shiftPicture(flipped, right, down) };
  },
};
