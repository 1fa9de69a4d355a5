import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertGradient, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { randomResizePadDefense } from "./random_resize_pad.ts";

await useTestBackend();

/** Images whose every value tells its place. */
function ramp(shape: [number, number, number, number]): tf.Tensor4D {
  const count = shape.reduce((product, size) => product * size, 1);
  return tf.tensor4d(
    Float32Array.from({ length: count }, (_, at) => 0.6 + 0.3 * at / count),
    shape,
  );
}

/** Rows and columns that are not padding: first and number of each. */
function placeOf(values: readonly number[][][]) {
  const inside = (pixel: number[]) => pixel.some((value) => value !== 0.5);
  const rows = values.map((row) => row.some(inside));
  const columns = values[0].map((_, x) => values.some((row) => inside(row[x])));
  const span = (line: boolean[]) => [line.indexOf(true), line.filter(Boolean).length] as const;
  return { rows: span(rows), columns: span(columns) };
}

Deno.test("randomResizePadDefense takes the nearest pixel, and grey outside", async () => {
  using defense = randomResizePadDefense({ smallest: 0.5, perImage: true });
  const images = ramp([5, 8, 6, 3]);
  const [given, restored] = [
    images.arraySync(),
    (await defense.restore(images, createRandom(3))).arraySync(),
  ];
  for (const [index, values] of restored.entries()) {
    const { rows: [top, height], columns: [left, width] } = placeOf(values);
    assert.ok(height >= 4 && height <= 8 && width >= 3 && width <= 6);
    for (let y = 0; y < 8; y++) {
      for (let x = 0; x < 6; x++) {
        const [dy, dx] = [y - top, x - left];
        const inside = dy >= 0 && dy < height && dx >= 0 && dx < width;
        const expected = inside
          ? given[index][Math.trunc(dy * 8 / height)][Math.trunc(dx * 6 / width)]
          : [0.5, 0.5, 0.5];
        assert.deepEqual(values[y][x], expected);
      }
    }
  }
});

Deno.test("randomResizePadDefense leaves grey images grey, and all images where nothing is to shrink", async () => {
  using shaken = randomResizePadDefense({ smallest: 0.3, perImage: true });
  const grey = tf.fill<tf.Rank.R4>([2, 4, 4, 3], 0.5);
  assert.deepEqual((await shaken.restore(grey, createRandom(1))).dataSync(), grey.dataSync());
  using still = randomResizePadDefense({ smallest: 1, perImage: true });
  const images = ramp([2, 4, 5, 3]);
  assert.deepEqual((await still.restore(images, createRandom(1))).dataSync(), images.dataSync());
});

Deno.test("randomResizePadDefense draws every size and place equally often", () => {
  using defense = randomResizePadDefense({ smallest: 0.5, perImage: true });
  const shape: [number, number, number, number] = [4000, 4, 4, 3];
  const noise = defense.gradient!.draw!(shape, createRandom(5));
  const sources = (noise.source as tf.Tensor1D).dataSync();
  const counts = new Map<string, number>();
  for (let image = 0; image < shape[0]; image++) {
    const inside = Array.from(
      sources.subarray(16 * image, 16 * (image + 1)),
      (source) => source < 4000 * 16,
    );
    const first = inside.indexOf(true);
    const width = [0, 1, 2, 3].filter((x) => inside[4 * Math.floor(first / 4) + x]).length;
    const key = `${width} ${Math.floor(first / 4)} ${first % 4}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  // Sizes 2, 3, 4 have 9, 4, 1 places.
  assert.equal(counts.size, 14);
  let chiSquare = 0;
  for (const [key, count] of counts) {
    const expected = 4000 / 3 / (5 - Number(key[0])) ** 2;
    chiSquare += (count - expected) ** 2 / expected;
  }
  assert.ok(chiSquare < 34.5, `13 degrees of freedom, 0.1 % above 34.5: ${chiSquare}`);
});

Deno.test("randomResizePadDefense repeats itself by stream, one place for all images if asked", async () => {
  const images = tf.concat([ramp([1, 8, 8, 3]), ramp([1, 8, 8, 3])]) as tf.Tensor4D;
  const run = async (perImage: boolean, seed: number) => {
    using defense = randomResizePadDefense({ smallest: 0.4, perImage });
    return (await defense.restore(images, createRandom(seed))).arraySync();
  };
  assert.deepEqual(await run(true, 1), await run(true, 1));
  assert.notDeepEqual(await run(true, 1), await run(true, 2));
  const [one, other] = await run(true, 1);
  assert.notDeepEqual(one, other);
  const [first, second] = await run(false, 1);
  assert.deepEqual(first, second);
});

Deno.test("randomResizePadDefense has the gradient of finite differences, given its noise", () => {
  using defense = randomResizePadDefense({ smallest: 0.5, perImage: true });
  const images = ramp([2, 4, 4, 3]);
  const noise = defense.gradient!.draw!(images.shape, createRandom(2));
  const weights = tf.tensor4d(createRandom(3).uniforms(96, -1, 1), images.shape);
  const compute = (x: tf.Tensor) =>
    tf.sum(tf.mul(defense.gradient!.apply(x as tf.Tensor4D, noise), weights)) as tf.Scalar;
  assertGradient(compute, [images], { coordinates: 12 });
});

Deno.test("randomResizePadDefense leaves nothing behind", async () => {
  const images = ramp([2, 4, 4, 3]);
  await assertNoLeak(async () => {
    using defense = randomResizePadDefense({ smallest: 0.5, perImage: false });
    (await defense.restore(images, createRandom(2))).dispose();
  });
});
