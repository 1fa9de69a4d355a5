import assert from "node:assert/strict";
import { padLabels, padPicture, sizeWithin } from "./contain.ts";

Deno.test("sizeWithin() keeps the proportions and touches one side", () => {
  assert.deepEqual(sizeWithin([375, 500], [512, 512]), [384, 512]);
  assert.deepEqual(sizeWithin([500, 375], [512, 512]), [512, 384]);
  assert.deepEqual(sizeWithin([1, 4000], [10, 10]), [1, 10]);
});

Deno.test("padPicture() and padLabels() fill what is left with the mean and with ignored pixels", () => {
  const picture = padPicture({ height: 1, width: 2, pixels: Uint8Array.of(1, 2, 3, 4, 5, 6) }, [
    2,
    3,
  ]);
  const mean = [124, 116, 104];
  assert.deepEqual([...picture.pixels], [1, 2, 3, 4, 5, 6, ...mean, ...mean, ...mean, ...mean]);
  const labels = padLabels({ height: 1, width: 2, classes: Uint8Array.of(7, 8) }, [2, 3]);
  assert.deepEqual([...labels.classes], [7, 8, 255, 255, 255, 255]);
});
