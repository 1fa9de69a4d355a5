import assert from "node:assert/strict";
import { halveImages } from "./bicubic.ts";
import { createRandom } from "./random.ts";
import { denoiseImages, shrinkWavelets } from "./shrink_wavelets.ts";
import { assertClose, assertGradient, useTestBackend } from "./testing/mod.ts";
import * as tf from "./tf.ts";
import { mergeHaar, splitHaar } from "./wavelets.ts";

await useTestBackend();

const draw = (shape: [number, number, number, number], seed = 1) =>
  tf.tensor4d(createRandom(seed).uniforms(shape.reduce((a, b) => a * b), 0, 1), shape);
const energy = (value: tf.Tensor) => tf.sum(tf.square(value)).dataSync()[0];

Deno.test("the Haar transform is exact both ways, of even sizes and odd", () => {
  for (const [height, width] of [[8, 6], [7, 6], [4, 5], [3, 1]]) {
    const images = draw([2, height, width, 3]);
    const bands = splitHaar(images);
    assert.deepEqual(bands.approximation.shape, [
      2,
      Math.ceil(height / 2),
      Math.ceil(width / 2),
      3,
    ]);
    assertClose(mergeHaar(bands, [height, width]), images.dataSync(), 1e-6);
  }
});

Deno.test("the Haar transform keeps energy", () => {
  const images = draw([2, 8, 6, 3]);
  const { approximation, details } = splitHaar(images);
  assertClose(
    [[approximation, ...details].map(energy).reduce((a, b) => a + b)],
    [energy(images)],
    1e-4,
  );
});

Deno.test("the Haar transform puts each kind of edge into its own band", () => {
  const bandsOf = (values: number[]) =>
    splitHaar(tf.tensor4d(values, [1, 2, 2, 1])).details.map((band) => band.dataSync()[0]);
  assert.deepEqual(bandsOf([1, 0, 1, 0]), [1, 0, 0]);
  assert.deepEqual(bandsOf([1, 1, 0, 0]), [0, 1, 0]);
  assert.deepEqual(bandsOf([1, 0, 0, 1]), [0, 0, 1]);
});

Deno.test("shrinking with no noise is the identity, and so is denoising", () => {
  const images = draw([2, 33, 40, 3]);
  assertClose(shrinkWavelets(images, 0, 3), images.dataSync(), 1e-5);
  assertClose(denoiseImages(images, 0), images.dataSync(), 1e-5);
});

Deno.test("a difference loses Bayes's threshold of its band; one of no more than the noise is lost", () => {
  // Rows alike: the one detail is a - b, its band's mean square (a - b)².
  const [a, b, sigma] = [0.9, 0.4, 0.2];
  const planes = (first: number, second: number) =>
    tf.tensor4d([first, second, first, second], [1, 2, 2, 1]);
  const threshold = sigma ** 2 / Math.sqrt((a - b) ** 2 - sigma ** 2);
  const middle = (a + b) / 2;
  const kept = (a - b - threshold) / 2;
  assertClose(
    shrinkWavelets(planes(a, b), sigma, 1),
    [1, -1, 1, -1].map((s) => middle + s * kept),
    1e-6,
  );
  assertClose(
    shrinkWavelets(planes(b, a), sigma, 1),
    [-1, 1, -1, 1].map((s) => middle + s * kept),
    1e-6,
  );
  assertClose(shrinkWavelets(planes(0.5, 0.7), sigma, 1), [0.6, 0.6, 0.6, 0.6], 1e-6);
});

Deno.test("thresholds are those of each image and channel", () => {
  const [first, second] = [draw([1, 8, 8, 3], 1), draw([1, 8, 8, 3], 2)];
  const faint = tf.mul(second, 0.3) as tf.Tensor4D;
  const both = shrinkWavelets(tf.concat([first, faint], 0), 0.1, 1).dataSync();
  const alone = [first, faint].flatMap((images) => [...shrinkWavelets(images, 0.1, 1).dataSync()]);
  assertClose(both, alone, 1e-6);
});

Deno.test("gradients of the transform, of thresholds and of denoising are exact", () => {
  const weights = draw([1, 9, 8, 3], 3);
  const total = (images: tf.Tensor) => tf.sum(tf.mul(images, weights)) as tf.Scalar;
  const options = { step: 2e-3, tolerance: 0.03 };
  assertGradient((images) => total(shrinkWavelets(images as tf.Tensor4D, 0.2, 2)), [
    draw([1, 9, 8, 3]),
  ], options);
  const inner = tf.add(tf.mul(draw([1, 9, 8, 3]), 0.4), 0.3);
  assertGradient((images) => total(denoiseImages(images as tf.Tensor4D, 0.2)), [inner], options);
});

Deno.test("halving weighs eight pixels by the cubic, and mirrors at borders", () => {
  const row = Array.from({ length: 12 }, (_, at) => at === 6 ? 1 : 0);
  const image = tf.tile(tf.tensor4d(row, [1, 1, 12, 1]), [1, 12, 1, 3]) as tf.Tensor4D;
  const middle = tf.slice(halveImages(image), [0, 2, 0, 0], [1, 1, 6, 1]).dataSync();
  // Pixel 6 stands -3.5 + 8 - 2 i away from the centre of output i.
  assertClose(middle, [0, -0.01171875, 0.11328125, 0.43359375, -0.03515625, 0], 1e-6);
  const edge = tf.tensor4d([1, 0, 0, 0, 0, 0, 0, 0].flatMap((v) => [v, v, v]), [1, 1, 8, 3]);
  const halved = halveImages(tf.tile(edge, [1, 8, 1, 1]));
  const [first] = halved.dataSync();
  assertClose([first], [0.43359375 + 0.11328125], 1e-6);
});

Deno.test("denoising gives the same numbers as scikit-image", () => {
  // scikit-image 0.26, BayesShrink, soft, convert2ycbcr, rescale_sigma false, σ times the range of each plane.
  const [height, width] = [36, 41];
  const values = Array.from({ length: height * width * 3 }, (_, at) => {
    const [place, channel] = [Math.floor(at / 3), at % 3];
    const [y, x] = [Math.floor(place / width), place % width];
    const wave = 0.3 * Math.sin(0.3 * y + 0.2 * x * (channel + 1));
    return 0.5 + wave + 0.1 * Math.sin(37.7 * place + 11.3 * channel);
  });
  const images = tf.tensor4d(values, [1, height, width, 3]);
  const read = (sigma: number) =>
    denoiseImages(images, sigma).dataSync().filter((_, at) => at % 601 === 0);
  assertClose(read(0.01), [
    0.501994,
    0.438236,
    0.61592,
    0.499821,
    0.72113,
    0.102846,
    0.298177,
    0.72717,
  ], 2e-6);
  assertClose(read(0.2), [
    0.667167,
    0.255732,
    0.622775,
    0.591733,
    0.712001,
    0.142642,
    0.349908,
    0.717888,
  ], 2e-6);
});
