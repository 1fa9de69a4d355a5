import { createRandom, type Example, IGNORED_CLASS, type Picture } from "@realign/core";
import assert from "node:assert/strict";
import type { SegmentationAnnotation } from "./labels.ts";
import { cropLabels, cropPicture } from "./crop.ts";
import { blurPicture, semsegAugmentation } from "./semseg_augment.ts";

/** A picture whose red is 10 y and green 10 x. */
function ramps(height: number, width: number): Picture {
  const pixels = new Uint8Array(height * width * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) pixels.set([10 * y, 10 * x, 7], 3 * (y * width + x));
  }
  return { height, width, pixels };
}

const labelsOf = ({ height, width }: Picture) => ({
  height,
  width,
  classes: Uint8Array.from({ length: height * width }, (_, at) => at % 251),
});

const pixelAt = ({ width, pixels }: Picture, y: number, x: number) => [
  ...pixels.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
];

const PADDED = [124, 116, 104];

Deno.test("cropPicture at scale 1 cuts a picture out, and pads what lies outside", () => {
  const picture = ramps(6, 8);
  const crop = { size: [4, 4], scale: 1, angle: 0, offset: [1, 2] } as const;
  const cropped = cropPicture(picture, crop);
  for (let y = 0; y < 4; y++) {
    for (let x = 0; x < 4; x++) {
      assert.deepEqual(pixelAt(cropped, y, x), [10 * (y + 1), 10 * (x + 2), 7]);
    }
  }
  const labels = cropLabels(labelsOf(picture), crop);
  assert.deepEqual([...labels.classes.subarray(0, 4)], [10, 11, 12, 13]);
  const beyond = { ...crop, offset: [-1, 6] } as const;
  const padded = cropPicture(picture, beyond);
  assert.deepEqual(pixelAt(padded, 0, 0), PADDED);
  assert.deepEqual(pixelAt(padded, 1, 2), PADDED);
  assert.deepEqual(pixelAt(padded, 1, 1), [0, 70, 7]);
  assert.deepEqual([...cropLabels(labelsOf(picture), beyond).classes.subarray(0, 8)], [
    ...[255, 255, 255, 255],
    ...[6, 7, 255, 255],
  ]);
});

Deno.test("cropPicture scales with half-pixel centres", () => {
  const picture = ramps(8, 8);
  const half = cropPicture(picture, { size: [4, 4], scale: 0.5, angle: 0, offset: [0, 0] });
  assert.deepEqual(pixelAt(half, 0, 0), [5, 5, 7]);
  assert.deepEqual(pixelAt(half, 2, 3), [45, 65, 7]);
  const twice = cropPicture(picture, { size: [4, 4], scale: 2, angle: 0, offset: [6, 6] });
  assert.deepEqual(pixelAt(twice, 0, 1), [28, 33, 7]);
});

Deno.test("cropPicture turns around the centre, labels along with it", () => {
  const picture = ramps(9, 9);
  const turned = { size: [9, 9], scale: 1, angle: 90, offset: [0, 0] } as const;
  const cropped = cropPicture(picture, turned);
  const labels = cropLabels(labelsOf(picture), turned);
  assert.deepEqual(pixelAt(cropped, 4, 4), [40, 40, 7]);
  for (const [y, x] of [[1, 4], [4, 7], [2, 2]]) {
    // Against the clock: what was on the right is on top.
    assert.deepEqual(pixelAt(cropped, y, x), [10 * x, 10 * (8 - y), 7]);
    assert.equal(labels.classes[9 * y + x], x * 9 + 8 - y);
  }
  const slightly = cropPicture(picture, { ...turned, angle: 10 });
  assert.deepEqual(pixelAt(slightly, 0, 0), PADDED);
  assert.deepEqual(pixelAt(slightly, 4, 4), [40, 40, 7]);
});

Deno.test("blurPicture is a Gaussian of deviation 1.1 over 5 x 5 pixels", () => {
  const flat = { height: 3, width: 4, pixels: new Uint8Array(36).fill(90) };
  assert.deepEqual(blurPicture(flat), flat);
  const dot = { height: 7, width: 7, pixels: new Uint8Array(147) };
  dot.pixels.set([250, 0, 100], 3 * (3 * 7 + 3));
  const blurred = blurPicture(dot);
  const weight = (distance: number) => Math.exp(-(distance ** 2) / (2 * 1.1 ** 2));
  const sum = [-2, -1, 0, 1, 2].reduce((total, at) => total + weight(at), 0);
  for (let y = 0; y < 7; y++) {
    for (let x = 0; x < 7; x++) {
      const [down, right] = [Math.abs(y - 3), Math.abs(x - 3)];
      const share = Math.max(down, right) > 2 ? 0 : weight(down) * weight(right) / sum ** 2;
      const expected = [250, 0, 100].map((value) => Math.round(value * share));
      assert.deepEqual(pixelAt(blurred, y, x), expected);
    }
  }
});

Deno.test("semsegAugmentation gives crops of one size, labels along with pictures", () => {
  const [height, width] = [24, 30];
  const classes = Uint8Array.from({ length: height * width }, (_, at) => 1 + (at % width));
  const pixels = new Uint8Array(height * width * 3);
  classes.forEach((value, at) => pixels.set([8 * value, 8 * value, 0], 3 * at));
  const example: Example<SegmentationAnnotation> = {
    id: "one",
    picture: { height, width, pixels },
    annotation: { labelMap: { height, width, classes } },
  };
  const seen = new Set<string>();
  let [padded, agreeing, counted] = [0, 0, 0];
  for (let seed = 0; seed < 40; seed++) {
    const { picture, annotation: { labelMap } } = semsegAugmentation([17, 17], [0.5, 2])(
      example,
      createRandom(seed),
    );
    assert.deepEqual([picture.height, picture.width, labelMap.height, labelMap.width], [
      ...[17, 17],
      ...[17, 17],
    ]);
    seen.add(picture.pixels.join());
    labelMap.classes.forEach((value, at) => {
      if (value === IGNORED_CLASS) return void padded++;
      counted++;
      agreeing += Number(Math.abs(picture.pixels[3 * at] - 8 * value) <= 12);
    });
  }
  assert.equal(seen.size, 40);
  assert.ok(padded > 0, "some crops are larger than what they are taken from");
  // Blur and the borders to the padding change some.
  assert.ok(agreeing > 0.85 * counted, `${agreeing} of ${counted}`);
  assert.equal(example.picture.height, 24);
});
