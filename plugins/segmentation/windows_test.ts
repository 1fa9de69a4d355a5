import { createRandom, type Dataset, IGNORED_CLASS, type Picture } from "@realign/core";
import { useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import type { SegmentationAnnotation } from "./labels.ts";
import { createMeanIou } from "./metric.ts";
import segmentation from "./mod.ts";
import { createSegmentation } from "./task.ts";
import { createWindowedMeanIou } from "./windowed_metric.ts";
import { cutWindows, windowGrid } from "./windows.ts";

await useTestBackend();

const CLASSES = 3;

/** Noise of one size, with labels; pictures are told apart by their seed. */
function pictures(sizes: readonly (readonly [number, number])[]): Dataset<SegmentationAnnotation> {
  return {
    name: "noise",
    split: "test",
    length: sizes.length,
    size: [8, 8],
    classNames: ["a", "b", "c"],
    digest: "noise",
    read(index) {
      const [height, width] = sizes[index];
      const random = createRandom(index, "picture");
      const picture: Picture = {
        height,
        width,
        pixels: Uint8Array.from({ length: height * width * 3 }, () => random.integer(256)),
      };
      const classes = Uint8Array.from(
        { length: height * width },
        () => random.integer(10) === 0 ? IGNORED_CLASS : random.integer(CLASSES),
      );
      const annotation = { labelMap: { height, width, classes } };
      return Promise.resolve({ id: `${index}`, picture, annotation });
    },
  };
}

const task = createSegmentation({ classNames: ["a", "b", "c"], imageSize: [8, 8] });

/** Logits that depend on each pixel's colour alone. */
const logitsOf = (pixels: Uint8Array, [height, width]: readonly [number, number]) =>
  tf.tidy(() => {
    const colours = tf.tensor(Float32Array.from(pixels, (value) => value / 64), [
      height * width,
      3,
    ]);
    const mix = tf.tensor2d([[1, -1, 0.5], [-0.5, 1, 1], [0.3, 0.2, -1]]);
    return tf.reshape(tf.matMul(colours, mix), [1, height, width, CLASSES]) as tf.Tensor4D;
  });

Deno.test("windowGrid covers a picture evenly, the last window at its end", () => {
  const stride = [284, 284] as const;
  const { windows, picture } = windowGrid([425, 425], {
    picture: [512, 1024],
    stride,
    mirror: true,
  });
  assert.deepEqual(picture, [512, 1024]);
  assert.equal(windows.length, 2 * 4 * 2);
  assert.deepEqual(windows.slice(0, 3), [
    { top: 0, left: 0, isMirrored: false },
    { top: 0, left: 0, isMirrored: true },
    { top: 0, left: 284, isMirrored: false },
  ]);
  assert.deepEqual(windows.at(-1), { top: 87, left: 599, isMirrored: true });
  const small = windowGrid([8, 8], { picture: [4, 12], stride: [8, 3], mirror: false });
  assert.deepEqual(small.picture, [8, 12]);
  assert.deepEqual(small.windows.map(({ left }) => left), [0, 3, 4]);
});

Deno.test("cutWindows gives a picture's windows in order, mirrored ones with mirrored labels", async () => {
  const settings = { picture: [12, 16], stride: [6, 6], mirror: true } as const;
  const grid = windowGrid([8, 8], settings);
  const dataset = pictures([[12, 16], [24, 32]]);
  const cut = cutWindows(dataset, grid, settings.picture);
  assert.equal(cut.length, 2 * grid.windows.length);
  assert.deepEqual(cut.size, [8, 8]);
  assert.notEqual(cut.digest, dataset.digest);
  const whole = await dataset.read(0);
  const pixel = (picture: Picture, y: number, x: number) =>
    picture.pixels.subarray(3 * (y * picture.width + x), 3 * (y * picture.width + x) + 3).join();
  const ids = new Set<string>();
  for (const [index, { top, left, isMirrored }] of grid.windows.entries()) {
    const { id, picture, annotation: { labelMap } } = await cut.read(index);
    ids.add(id);
    for (let y = 0; y < 8; y++) {
      for (let x = 0; x < 8; x++) {
        const from = left + (isMirrored ? 7 - x : x);
        assert.equal(pixel(picture, y, x), pixel(whole.picture, top + y, from));
        const truth = whole.annotation.labelMap.classes[(top + y) * 16 + from];
        assert.equal(labelMap.classes[8 * y + x], truth);
      }
    }
  }
  assert.equal(ids.size, grid.windows.length);
  // Scaled to fit: the first pixel is the mean of four.
  const larger = await dataset.read(1);
  const { picture } = await cut.read(grid.windows.length);
  const four = [0, 1, 32, 33].map((at) => larger.picture.pixels[3 * at]);
  const mean = four.reduce((sum, value) => sum + value, 0) / 4;
  assert.ok(Math.abs(picture.pixels[0] - mean) <= 0.5);
});

Deno.test("cutWindows keeps proportions, and ignores what a picture does not cover", async () => {
  const settings = { picture: [8, 8], stride: [8, 8], mirror: false } as const;
  const cut = cutWindows(pictures([[4, 16]]), windowGrid([8, 8], settings), settings.picture);
  const { picture, annotation: { labelMap } } = await cut.read(0);
  assert.ok(labelMap.classes.subarray(16).every((value) => value === IGNORED_CLASS));
  assert.deepEqual([...picture.pixels.subarray(3 * 16, 3 * 16 + 3)], [124, 116, 104]);
  assert.ok(labelMap.classes.subarray(0, 16).some((value) => value !== IGNORED_CLASS));
});

for (const batchSize of [1, 5]) {
  Deno.test(`createWindowedMeanIou of pixelwise logits is that of whole pictures, in batches of ${batchSize}`, async () => {
    const settings = { picture: [12, 16], stride: [5, 6], mirror: true } as const;
    const grid = windowGrid([8, 8], settings);
    const dataset = pictures([[12, 16], [12, 16]]);
    const cut = cutWindows(dataset, grid, settings.picture);
    const expected = createMeanIou(CLASSES);
    for (let index = 0; index < dataset.length; index++) {
      const { picture, annotation } = await dataset.read(index);
      const labels = task.encodeLabels([annotation]);
      await expected.update({ logits: logitsOf(picture.pixels, [12, 16]) }, labels, 1);
    }
    const metric = createWindowedMeanIou(grid, CLASSES);
    for (let first = 0; first < cut.length; first += batchSize) {
      const count = Math.min(batchSize, cut.length - first);
      // The last batch repeats its last example to be full.
      const examples = await Promise.all(
        Array.from({ length: batchSize }, (_, at) => cut.read(first + Math.min(at, count - 1))),
      );
      const logits = tf.concat(examples.map(({ picture }) => logitsOf(picture.pixels, [8, 8])));
      const labels = task.encodeLabels(examples.map(({ annotation }) => annotation));
      await metric.update({ logits }, labels, count);
    }
    const { value, count, details } = metric.result();
    assert.equal(count, 2);
    assert.deepEqual(details, expected.result().details);
    assert.equal(value, expected.result().value);
  });
}

Deno.test("createWindowedMeanIou averages softmax where windows overlap", async () => {
  const grid = windowGrid([1, 2], { picture: [1, 3], stride: [1, 1], mirror: false });
  const metric = createWindowedMeanIou(grid, 2);
  // The middle pixel: the first window is sure of class 1, the second one of 0, but less.
  const logits = tf.tensor4d([5, 0, 0, 4, 2, 0, 0, 5], [2, 1, 2, 2]);
  const labels = tf.tensor3d([0, 1, 1, 1], [2, 1, 2], "int32");
  await metric.update({ logits }, labels, 2);
  assert.deepEqual(metric.result().details?.confusion, [[1, 0], [0, 2]]);
});

Deno.test("createWindowedMeanIou counts what is no number, and leaves out half a picture", async () => {
  const grid = windowGrid([1, 2], { picture: [1, 3], stride: [1, 1], mirror: false });
  const metric = createWindowedMeanIou(grid, 2);
  const logits = tf.tensor4d([NaN, 0, 1, 0, 1, 0, 0, 1], [2, 1, 2, 2]);
  const labels = tf.tensor3d([0, 0, 0, 1], [2, 1, 2], "int32");
  await metric.update({ logits }, labels, 1);
  assert.equal(metric.open!(), 1);
  assert.throws(() => metric.result(), /no pixel that counts/);
  await metric.update(
    { logits: tf.slice(logits, [1, 0, 0, 0], [1, 1, 2, 2]) },
    tf.slice(labels, [1, 0, 0], [1, 1, 2]),
    1,
  );
  assert.equal(metric.open!(), 0);
  const whole = metric.result();
  assert.equal(whole.details?.notANumber, 1);
  await metric.update({ logits }, labels, 1);
  assert.deepEqual([metric.open!(), metric.result()], [1, whole]);
});

Deno.test("the plugin cuts windows if the preset has them", () => {
  const preset = segmentation.presets["seg-cityscapes-authors"];
  const own = segmentation.createTask(preset, ["road", "sky"]);
  assert.equal(own.cutWindows!(pictures([[8, 8]])).length, 16);
  const plain = segmentation.createTask(segmentation.presets["seg-cityscapes"], ["road", "sky"]);
  assert.equal(plain.cutWindows, undefined);
});
