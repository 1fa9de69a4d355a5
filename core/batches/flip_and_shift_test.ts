import assert from "node:assert/strict";
import { flipPicture, shiftPicture } from "./flip_and_shift.ts";
import type { Picture } from "../dataset.ts";

/** Whose red is 1, 2, 3, ... by rows, green and blue 10 and 20 more. */
const numbered = (height: number, width: number): Picture => ({
  height,
  width,
  pixels: Uint8Array.from(
    { length: 3 * height * width },
    (_, index) => 1 + Math.floor(index / 3) + 10 * (index % 3),
  ),
});
const reds = ({ pixels }: Picture) => [...pixels].filter((_, index) => index % 3 === 0);

Deno.test("flipPicture mirrors every row and keeps channels together", () => {
  const flipped = flipPicture(numbered(2, 3));
  assert.deepEqual(reds(flipped), [3, 2, 1, 6, 5, 4]);
  assert.deepEqual([...flipped.pixels.subarray(0, 3)], [3, 13, 23]);
  assert.deepEqual(flipPicture(flipped), numbered(2, 3));
});

Deno.test("shiftPicture moves in four directions over black", () => {
  assert.deepEqual(reds(shiftPicture(numbered(2, 3), 1, 0)), [0, 0, 0, 1, 2, 3]);
  assert.deepEqual(reds(shiftPicture(numbered(2, 3), -1, 0)), [4, 5, 6, 0, 0, 0]);
  assert.deepEqual(reds(shiftPicture(numbered(2, 3), 0, 2)), [0, 0, 1, 0, 0, 4]);
  assert.deepEqual(reds(shiftPicture(numbered(2, 3), 0, -2)), [3, 0, 0, 6, 0, 0]);
  assert.deepEqual(reds(shiftPicture(numbered(2, 3), -1, 1)), [0, 4, 5, 0, 0, 0]);
});

Deno.test("shiftPicture by nothing gives the picture, by more than its size black", () => {
  assert.deepEqual(shiftPicture(numbered(2, 3), 0, 0), numbered(2, 3));
  for (const [down, right] of [[2, 0], [-5, 0], [0, 3], [0, -9], [7, 7]]) {
    assert.ok(shiftPicture(numbered(2, 3), down, right).pixels.every((value) => value === 0));
  }
});
