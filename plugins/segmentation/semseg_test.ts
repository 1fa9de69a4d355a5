import { createRandom } from "@realign/core";
import assert from "node:assert/strict";
import { blur, placesOf, semseg } from "./semseg.ts";

/** A picture whose pixels tell their place, with classes that tell it too. */
function placed(height: number, width: number) {
  const pixels = Uint8Array.from({ length: 3 * height * width }, (_, at) => {
    const pixel = Math.floor(at / 3);
    return [4 * Math.floor(pixel / width), 4 * (pixel % width), 200][at % 3];
  });
  const classes = Uint8Array.from({ length: height * width }, (_, at) => Math.floor(at / width));
  return {
    id: "placed",
    picture: { height, width, pixels },
    annotation: { labelMap: { height, width, classes } },
  };
}

Deno.test("placesOf() scales about pixel centres, turns about the middle, and knows what is outside", () => {
  const still = { from: [8, 8], scaled: [8, 8], angle: 0, offset: [0, 0] } as const;
  assert.deepEqual(placesOf(still)(3, 5), [3, 5]);
  assert.deepEqual(placesOf({ ...still, scaled: [16, 16], offset: [4, 2] })(1, 1), [2.25, 1.25]);
  assert.equal(placesOf({ ...still, offset: [-1, 0] })(0, 4), undefined);
  assert.equal(placesOf(still)(8, 0), undefined);
  const quarter = placesOf({ ...still, angle: Math.PI / 2 });
  const [row, column] = quarter(1, 4)!; // three above the middle: three to the right of it, or left
  assert.ok(Math.abs(row - 4) < 1e-9 && Math.abs(Math.abs(column - 4) - 3) < 1e-9);
  assert.equal(placesOf({ ...still, angle: Math.PI / 4 })(0, 0), undefined);
});

Deno.test("blur() is OpenCV's Gaussian of five pixels, mirrored at the edges", () => {
  const pixels = new Uint8Array(3 * 49);
  pixels.fill(160, 3 * 24, 3 * 25); // the middle of 7x7
  const blurred = blur({ height: 7, width: 7, pixels }).pixels;
  const red = (row: number, column: number) => blurred[3 * (7 * row + column)];
  const kernel = [1, 4, 6, 4, 1].map((weight) => weight / 16);
  for (let row = 0; row < 5; row++) {
    for (let column = 0; column < 5; column++) {
      assert.equal(red(row + 1, column + 1), Math.round(160 * kernel[row] * kernel[column]));
    }
  }
  const line = Uint8Array.from([16, 16, 16, 0, 0, 0, 0, 0, 0]);
  // The first: 6 of itself, and what is mirrored lies at 1 and 2.
  assert.deepEqual([
    ...blur({ height: 1, width: 3, pixels: line }).pixels.filter((_, at) => at % 3 === 0),
  ], [6, 4, 2]);
});

/** Whether the end of a map 32 wide, or an ignored pixel, lies within two pixels. */
function isNearEnd(classes: Uint8Array, at: number): boolean {
  const reach = [-2, -1, 0, 1, 2];
  return reach.some((down) =>
    reach.some((right) => (classes[at + 32 * down + right] ?? 255) === 255)
  );
}

Deno.test("semseg() cuts the wanted size out of any picture, labels along with it", () => {
  const example = placed(40, 60);
  const augment = semseg(0.5, 2);
  const seen = { padded: 0, flipped: 0 };
  for (let seed = 0; seed < 60; seed++) {
    const { picture, annotation: { labelMap } } = augment(example, createRandom(seed), [24, 32]);
    assert.deepEqual([picture.height, picture.width], [24, 32]);
    assert.deepEqual([labelMap.height, labelMap.width], [24, 32]);
    let [wrong, counted] = [0, 0];
    labelMap.classes.forEach((value, at) => {
      if (value === 255) return;
      counted++;
      if (isNearEnd(labelMap.classes, at)) return; // where a blur mixes in the mean, or mirrors
      // The red of a pixel is four times its row, and so is its class's, up to half a row.
      if (Math.abs(picture.pixels[3 * at] - 4 * value) > 3) wrong++;
    });
    if (counted < labelMap.classes.length) seen.padded++;
    if (picture.pixels[3 * (12 * 32 + 8) + 1] > picture.pixels[3 * (12 * 32 + 24) + 1]) {
      seen.flipped++;
    }
    assert.equal(wrong, 0, `seed ${seed}`);
  }
  assert.ok(seen.padded > 5, JSON.stringify(seen));
  assert.ok(seen.flipped > 15 && seen.flipped < 45, JSON.stringify(seen));
});

Deno.test("semseg() leaves its example alone and follows its stream", () => {
  const example = placed(20, 20);
  const before = structuredClone(example);
  const augment = semseg(0.25, 1);
  const [one, other] = [3, 3].map((seed) => augment(example, createRandom(seed), [9, 9]));
  assert.deepEqual(one, other);
  assert.deepEqual(example, before);
});
