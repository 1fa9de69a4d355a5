import assert from "node:assert/strict";
import type { Picture } from "../dataset.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertGradient, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import { createToyDataset } from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import { deviationFit, fittedOrder } from "./coefficient_order.ts";
import { coefficientsOf } from "./cosine_blocks.ts";
import { createDefense, featureDistillationDefense, fitOn, gradientKind } from "./mod.ts";

await useTestBackend();

const stream = createRandom(1, "noise");
const noisy = (shape: [number, number, number, number], low = 0.3, high = 0.7) =>
  tf.tensor4d(createRandom(1, "images").uniforms(shape.reduce((a, b) => a * b), low, high), shape);
const flat = (step: number) => new Array(64).fill(step);
const restoreBy = async (options: object, images: tf.Tensor4D) => {
  using defense = await createDefense([{ name: "feature-distillation", ...options }]);
  return await defense.restore(images, stream);
};

/** One cosine on grey, of an amplitude in its coefficient. */
const wave = (row: number, column: number, amplitude: number) =>
  tf.tensor4d(
    Float32Array.from({ length: 64 * 3 }, (_, at) => {
      const [y, x] = [Math.floor(at / 24), Math.floor(at / 3) % 8];
      const scale = (k: number) => Math.sqrt((k === 0 ? 1 : 2) / 8);
      const cosine = (k: number, at: number) =>
        scale(k) * Math.cos((2 * at + 1) * k * Math.PI / 16);
      return (128.125 + amplitude * cosine(row, y) * cosine(column, x)) / 255;
    }),
    [1, 8, 8, 3],
  );

Deno.test("feature distillation rounds a constant to the step of the lowest frequency", async () => {
  for (const value of [0.5, 0.2]) {
    const grey = tf.fill<tf.Rank.R4>([2, 16, 8, 3], value);
    const expected = 25 * Math.round(8 * 255 * value / 25) / 8 / 255;
    assertClose(await restoreBy({}, grey), new Array(grey.size).fill(expected), 1e-5);
  }
  const half = await restoreBy({}, tf.fill([1, 8, 8, 3], 0.5));
  assert.ok(Math.abs(half.dataSync()[0] - 0.502451) < 1e-6);
});

Deno.test("feature distillation takes away a cosine below half a step, and makes a whole step of one above", async () => {
  // 128.125 levels are 41 steps of 25.
  for (const [row, column, step] of [[3, 3, 25], [3, 4, 30], [7, 0, 30], [0, 1, 25]]) {
    assertClose(await restoreBy({}, wave(row, column, 0.49 * step)), wave(row, column, 0), 1e-5);
    assertClose(await restoreBy({}, wave(row, column, 0.51 * step)), wave(row, column, step), 1e-5);
  }
  assertClose(await restoreBy({ fine: 9 }, wave(3, 3, 14)), wave(3, 3, 0), 1e-5);
});

Deno.test("feature distillation is a projection, near the image where steps are small", async () => {
  const images = noisy([2, 13, 10, 3]);
  using defense = featureDistillationDefense({ table: flat(30) });
  const whole = noisy([1, 16, 8, 3]);
  const once = await defense.restore(whole, stream);
  assertClose(await defense.restore(once, stream), once, 1e-5);
  for (const colour of ["rgb", "ycbcr"] as const) {
    using fine = featureDistillationDefense({ table: flat(1), colour });
    const restored = await fine.restore(images, stream);
    assert.deepEqual(restored.shape, images.shape);
    const change = tf.max(tf.abs(tf.sub(restored, images))).dataSync()[0];
    // Each of 64 coefficients moves by half a step at most; a row of RGB from YCbCr sums to less than 2.8.
    const most = 0.5 * 8 / 255 * (colour === "rgb" ? 1 : 2.8);
    assert.ok(change > 0 && change <= most, `${change}`);
  }
});

Deno.test("feature distillation by brightness and colour keeps grey grey, and is another by red, green and blue", async () => {
  const grey = tf.tile(noisy([1, 8, 8, 1]), [1, 1, 1, 3]) as tf.Tensor4D;
  const restored = await restoreBy({ colour: "ycbcr" }, grey);
  assertClose(restored, await restoreBy({ colour: "rgb" }, grey), 1e-4);
  const images = noisy([1, 8, 8, 3]);
  const [rgb, ycbcr] = [await restoreBy({}, images), await restoreBy({ colour: "ycbcr" }, images)];
  assert.notDeepEqual(rgb.dataSync(), ycbcr.dataSync());
});

Deno.test("feature distillation stays in [0, 1], and the last rows of any size are its own", async () => {
  for (const [height, width] of [[5, 9], [17, 8]]) {
    const stark = tf.round(noisy([2, height, width, 3], 0, 1)) as tf.Tensor4D;
    const restored = await restoreBy({}, stark);
    assert.ok(tf.min(restored).dataSync()[0] >= 0 && tf.max(restored).dataSync()[0] <= 1);
    assert.deepEqual(restored.shape, stark.shape);
  }
  await assert.rejects(restoreBy({}, tf.zeros([1, 4, 8, 3])), /sides must have at least 5 pixels/);
});

Deno.test("feature distillation has the slope of a soft rounding, or the identity's", () => {
  // The coefficients are between 0 and half a step of 255, where the rounding has no jump but a slope.
  const images = noisy([1, 11, 8, 3], 0.29, 0.79);
  using soft = featureDistillationDefense({ table: flat(255) });
  const weights = tf.tensor4d(createRandom(3).uniforms(images.size, -1, 1), images.shape);
  const compute = (x: tf.Tensor) =>
    tf.sum(tf.mul(soft.gradient!.apply(x as tf.Tensor4D, {}), weights)) as tf.Scalar;
  assertGradient(compute, [images], { coordinates: 8, step: 1e-2, tolerance: 5e-2 });
  using plain = featureDistillationDefense({ table: flat(255), gradient: "identity" });
  assert.equal(plain.gradient!.apply(images, {}), images);
  assert.deepEqual([soft, plain].map(gradientKind), ["bpda", "bpda"]);
});

Deno.test("two passes decompress a JPEG first", async () => {
  const seen: number[] = [];
  const jpegRoundTrip = (picture: Picture, quality: number) => {
    seen.push(quality);
    return Promise.resolve({ ...picture, pixels: picture.pixels.map(() => 51) });
  };
  const images = noisy([2, 8, 8, 3]);
  const chain = [{ name: "feature-distillation", passes: 2, quality: 60 }];
  await assert.rejects(createDefense(chain), /no JPEG codec/);
  using defense = await createDefense(chain, { jpegRoundTrip });
  assert.equal(defense.name, "feature-distillation");
  const once = await restoreBy({}, tf.fill([2, 8, 8, 3], 51 / 255));
  assertClose(await defense.restore(images, stream), once, 1e-6);
  assert.deepEqual(seen, [60, 60]);
  await assertNoLeak(async () => (await defense.restore(images, stream)).dispose());
});

Deno.test("frequencies are ordered from the corner, or by how much they vary", async () => {
  const corner = await fittedOrder("corner", undefined);
  assert.deepEqual(
    corner.slice(0, 16).sort((a, b) => a - b),
    [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27],
  );
  assert.deepEqual(corner.slice(0, 4), [0, 1, 8, 9]);
  // Pictures that differ in one frequency alone.
  const pictures = [-40, 10, 40].map((amplitude) => wave(2, 5, amplitude));
  const dataset = {
    length: 3,
    size: [8, 8] as const,
    read: (index: number) => {
      const pixels = Uint8Array.from(
        pictures[index].dataSync(),
        (value) => Math.round(255 * value),
      );
      return Promise.resolve({ id: "", picture: { height: 8, width: 8, pixels }, annotation: 0 });
    },
  };
  const fitted = fitOn(dataset, createRandom(1));
  assert.equal((await fittedOrder("deviation", fitted))[0], 2 * 8 + 5);
  const { data } = (await fitted(deviationFit)).get("deviations")!;
  const own = pictures.map((picture) => coefficientsOf(tf.mul(picture, 255)).arraySync()[0][21]);
  const mean = own.reduce((a, b) => a + b) / 3;
  const deviation = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 3);
  assert.ok(Math.abs(data[21] - deviation) < 1);
  const chain = [{ name: "feature-distillation", order: "deviation", fine: 1, coarseStep: 1000 }];
  await assert.rejects(createDefense(chain), /needs training images/);
  using defense = await createDefense(chain, { fitted });
  assert.equal(defense.version, "feature-distillation 1 (fine 21)");
  await assertNoLeak(async () => {
    await fitOn(createToyDataset(3), createRandom(1))(deviationFit);
  });
});
