import assert from "node:assert/strict";
import { createGenerator } from "../networks/generator.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertGradient, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import { toyPreset } from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import {
  type Defense,
  generatorDefense,
  identityDefense,
  isRandom,
  randomResizePadDefense,
  tiledDefense,
} from "./mod.ts";

await useTestBackend();

const random = createRandom(1, "noise");
const draw = (shape: [number, number, number, number]) =>
  tf.tensor4d(
    createRandom(1, "images").uniforms(shape.reduce((size, side) => size * side, 1), 0, 1),
    shape,
  );

/** A defense of a pure function, that counts what it is asked for. */
function defenseOf(
  apply: (images: tf.Tensor4D) => tf.Tensor4D,
): Defense & { readonly asked: (readonly number[])[] } {
  const asked: (readonly number[])[] = [];
  return {
    name: "pure",
    version: "pure 1",
    variables: [],
    asked,
    gradient: { exact: true, apply },
    restore(images) {
      asked.push(images.shape);
      return Promise.resolve(tf.tidy(() => apply(images)));
    },
  };
}

/** Means of 5x5 pixels: what reaches two pixels far. */
const blurred = (images: tf.Tensor4D) => tf.avgPool(images, 5, 1, "same");

Deno.test("tiledDefense behind the identity gives the very image, of any size", async () => {
  for (const [height, width] of [[8, 8], [5, 19], [1, 3], [17, 13]] as const) {
    for (const overlap of [0, 1, 3]) {
      const images = draw([2, height, width, 3]);
      using defense = tiledDefense(identityDefense, { size: [8, 8], overlap });
      const restored = await defense.restore(images, random);
      assert.deepEqual(restored.shape, images.shape);
      assert.deepEqual(restored.dataSync(), images.dataSync(), `${height}x${width}, ${overlap}`);
    }
  }
});

Deno.test("tiledDefense gives what a network that sees no further than its margin makes of the whole", async () => {
  const images = draw([2, 40, 61, 3]);
  using defense = tiledDefense(defenseOf(blurred), { size: [16, 24], overlap: 8 });
  const restored = await defense.restore(images, random);
  assertClose(restored, blurred(images), 1e-5);
  // Without overlap borders show, so the test can fail.
  using bare = tiledDefense(defenseOf(blurred), { size: [16, 24], overlap: 0 });
  const worst = tf.max(tf.abs(tf.sub(await bare.restore(images, random), blurred(images))));
  assert.ok(worst.dataSync()[0] > 0.05);
});

Deno.test("tiledDefense asks for equal portions of bounded size", async () => {
  const small = defenseOf((images) => tf.clone(images));
  using many = tiledDefense(small, { size: [32, 32], overlap: 4 });
  (await many.restore(tf.zeros([2, 200, 500, 3]), random)).dispose();
  const tiles = 7 * 18;
  assert.equal(new Set(small.asked.map(String)).size, 1);
  const [count] = small.asked[0];
  assert.ok(count * 32 * 32 <= 512 * 512, `${count} tiles at once`);
  assert.equal(small.asked.length, Math.ceil(2 * tiles / count));
  const large = defenseOf((images) => tf.clone(images));
  using one = tiledDefense(large, { size: [512, 512], overlap: 64 });
  (await one.restore(tf.zeros([1, 400, 900, 3]), random)).dispose();
  assert.deepEqual(large.asked, Array(2).fill([1, 512, 512, 3]));
});

Deno.test("tiledDefense's gradient is that of what it restores", async () => {
  const weights = draw([1, 9, 13, 3]);
  using defense = tiledDefense(defenseOf((x) => tf.square(blurred(x))), {
    size: [6, 6],
    overlap: 3,
  });
  const images = draw([1, 9, 13, 3]);
  const apply = (x: tf.Tensor) => defense.gradient!.apply(x as tf.Tensor4D, {});
  assertClose(apply(images), await defense.restore(images, random), 1e-6);
  const sum = (x: tf.Tensor) => tf.sum(tf.mul(apply(x), weights)) as tf.Scalar;
  assertGradient(sum, [images], { coordinates: 6, tolerance: 1e-2 });
  assert.equal(defense.gradient!.exact, true);
  assert.equal(defense.version, "pure 1, tiles 6x6 every 3");
});

Deno.test("tiledDefense draws a random defense's noise for each portion, in both ways alike", async () => {
  using defense = tiledDefense(randomResizePadDefense({ smallest: 0.5, perImage: true }), {
    size: [512, 256],
  });
  assert.equal(isRandom(defense), true);
  const images = draw([1, 512, 500, 3]);
  const noise = defense.gradient!.draw!(images.shape, createRandom(5));
  const applied = defense.gradient!.apply(images, noise);
  assertClose(await defense.restore(images, createRandom(5)), applied, 1e-5);
});

Deno.test("tiledDefense leaves nothing behind, and refuses what cannot be tiled", async () => {
  using generator = createGenerator(toyPreset.generator, createRandom(1));
  using defense = tiledDefense(generatorDefense(generator), { size: [8, 8], overlap: 2 });
  const images = draw([1, 21, 13, 3]);
  await assertNoLeak(async () => (await defense.restore(images, random)).dispose());
  assert.throws(
    () => tiledDefense(identityDefense, { size: [8, 16], overlap: 8 }),
    /from 0 to below both sides: current value is 8$/,
  );
  const doubling = { ...identityDefense, name: "double", changesSize: true };
  assert.throws(() => tiledDefense(doubling, { size: [8, 8] }), /"double" as it changes the size/);
  const half = defenseOf((x) => tf.image.resizeBilinear(x, [4, 4]));
  await assert.rejects(
    tiledDefense(half, { size: [8, 8] }).restore(images, random),
    /must be 8x8: current size is 4x4$/,
  );
});

/** The mean jump from one column to the next, in grey levels. */
function jumps(images: tf.Tensor4D): number[] {
  const [batch, height, width, channels] = images.shape;
  const shape: [number, number, number, number] = [batch, height, width - 1, channels];
  const step = tf.sub(tf.slice(images, [0, 0, 1, 0], shape), tf.slice(images, [0, 0, 0, 0], shape));
  return [...tf.mul(tf.mean(tf.abs(step), [0, 1, 3]), 255).dataSync()];
}

Deno.test("tiledDefense by what depends on a tile's mean, as norms do, has seams below a grey level", async () => {
  // Darker by half of what an image is brighter, and brighter to the right: each tile differs from the next.
  const shifting = defenseOf((x) => tf.sub(x, tf.mul(tf.mean(x, [1, 2, 3], true), 0.5)));
  const images = tf.tile(tf.reshape(tf.linspace(0, 0.3, 480), [1, 1, 480, 1]), [1, 128, 1, 3]);
  const seam = async (overlap?: number) => {
    using defense = tiledDefense(shifting, { size: [128, 128], overlap });
    const restored = await defense.restore(images as tf.Tensor4D, random);
    const whole = jumps(images as tf.Tensor4D);
    return Math.max(...jumps(restored).map((jump, place) => Math.abs(jump - whole[place])));
  };
  const [blended, butted] = [await seam(), await seam(0)];
  assert.ok(butted > 6, `${butted} grey levels without overlap`);
  assert.ok(blended < Math.PI * butted / 32, `${blended} of ${butted} grey levels`);
  assert.ok(blended < 1, `${blended} grey levels`);
});
