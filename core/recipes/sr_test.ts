import assert from "node:assert/strict";
import { createEdsr, createSuperResolver } from "../networks/edsr.ts";
import { createRandom } from "../random.ts";
import { denoiseImages } from "../shrink_wavelets.ts";
import { assertClose, assertGradient, useTestBackend } from "../testing/mod.ts";
import { toyPreset } from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import type { Parameters } from "../weights/parameters.ts";
import type { RecipeContext } from "./recipe.ts";
import { sr } from "./sr.ts";
import { withRecipe } from "./table.ts";

await useTestBackend();

const small = { width: 4, blocks: 2, residualScale: 1 };
const drawImages = (shape: [number, number, number, number]) =>
  tf.tensor4d(createRandom(7).uniforms(shape[0] * shape[1] * shape[2] * shape[3], 0, 1), shape);

/** Sets weights whose names match to 0. */
function clear(parameters: Parameters, pattern: RegExp) {
  parameters.names.forEach((name, index) => {
    if (!pattern.test(name)) return;
    const variable = parameters.variables[index];
    variable.assign(tf.zerosLike(variable));
  });
}

Deno.test("EDSR has as many weights as the published baseline", () => {
  using network = createEdsr({ width: 64, blocks: 16, residualScale: 1 }, createRandom(1));
  assert.equal(network.parameters.size, 1_369_859);
  assert.deepEqual(network.parameters.names.slice(0, 3), [
    "head.0.weight",
    "head.0.bias",
    "body.0.body.0.weight",
  ]);
});

Deno.test("EDSR gives the mean colour where its body and its last kernel are 0", () => {
  using network = createEdsr(small, createRandom(1));
  clear(network.parameters, /^(body|tail\.1)\./);
  const doubled = network.upscale(drawImages([1, 3, 2, 3]));
  assert.deepEqual(doubled.shape, [1, 6, 4, 3]);
  const mean = Array.from({ length: 24 }, () => [0.4488, 0.4371, 0.4040]).flat();
  assertClose(doubled, mean, 1e-6);
});

Deno.test("EDSR's blocks add nothing at a residual scale of 0", () => {
  using network = createEdsr({ ...small, residualScale: 0 }, createRandom(1));
  const images = drawImages([1, 4, 4, 3]);
  const before = network.upscale(images).dataSync();
  clear(network.parameters, /^body\.[01]\./);
  assertClose(network.upscale(images), before, 1e-6);
  using scaled = createEdsr(small, createRandom(1));
  assert.notDeepEqual(scaled.upscale(images).dataSync(), before);
});

Deno.test("SR restores the mean of the clipped double of what is denoised, and learns from halves", () => {
  const [edsr, restorer] = [
    createEdsr(small, createRandom(1)),
    createSuperResolver({ ...small, sigma: 0.2 }, createRandom(1)),
  ];
  const images = drawImages([2, 8, 6, 3]);
  const doubled = edsr.upscale(denoiseImages(images, 0.2)).clipByValue(0, 1);
  const expected = tf.mean(tf.reshape(doubled, [2, 8, 2, 6, 2, 3]), [2, 4]);
  assertClose(restorer.restore(images), expected.dataSync(), 1e-5);
  const odd = drawImages([1, 7, 9, 3]);
  assert.deepEqual(restorer.restore(odd, "training").shape, [1, 7, 9, 3]);
  assert.deepEqual(restorer.restore(odd).shape, [1, 7, 9, 3]);
  edsr[Symbol.dispose]();
  restorer[Symbol.dispose]();
});

Deno.test("SR's gradient is exact through wavelets, thresholds, EDSR and the mean", () => {
  using restorer = createSuperResolver({ ...small, sigma: 0.2 }, createRandom(1));
  const direction = drawImages([1, 8, 8, 3]);
  const images = tf.add(tf.mul(drawImages([1, 8, 8, 3]), 0.5), 0.25) as tf.Tensor4D;
  const base = restorer.restore(images);
  assertGradient(
    (moved) =>
      tf.sum(tf.mul(tf.sub(restorer.restore(moved as tf.Tensor4D), base), direction)) as tf.Scalar,
    [images],
    // Small, as pixels in [0, 255] soon cross the kinks of ReLU.
    { step: 3e-4, tolerance: 0.05 },
  );
});

Deno.test("SR's loss of images that differ by c is c, and it takes clean images, no attack", () => {
  const clean = tf.fill([2, 8, 8, 3], 0.25) as tf.Tensor4D;
  const context = { clean, restored: tf.sub(clean, 0.125) } as unknown as RecipeContext;
  const { reconstruction } = sr.terms(context, { ...small, sigma: 0.01 });
  assertClose(reconstruction.compute(), [0.125]);
  assert.equal(
    sr.inputs!({ clean, adversarial: tf.zerosLike(clean), noise: {} }, { ...small, sigma: 0 }),
    clean,
  );
  assert.deepEqual(sr.needs, []);
  const { train, attack } = withRecipe(toyPreset, { name: "sr", protocol: "original" });
  assert.deepEqual([train.epochs, train.batchSize, train.schedule.peak, train.optimizer.beta1], [
    300,
    16,
    1e-4,
    0.9,
  ]);
  assert.equal(attack, toyPreset.attack);
});
