import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertGradient, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { composeDefenses } from "./compose.ts";
import { identityDefense } from "./identity.ts";
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

Deno.test("randomResizePadDefense enlarges 32 pixels to 33 to 35 on 36, each place equally often", async () => {
  using defense = randomResizePadDefense({ smallest: 1, perImage: true, mode: "enlarge" });
  assert.equal(defense.changesSize, true);
  assert.equal(composeDefenses([identityDefense, defense]).changesSize, true);
  const counts = new Map<string, number>();
  for (let round = 0; round < 30; round++) {
    const white = tf.ones<tf.Rank.R4>([40, 32, 32, 3]);
    const restored = await defense.restore(white, createRandom(round));
    assert.deepEqual(restored.shape, [40, 36, 36, 3]);
    for (const values of restored.arraySync()) {
      const { rows: [top, height], columns: [left, width] } = placeOf(values);
      assert.equal(height, width);
      counts.set(`${height} ${top} ${left}`, (counts.get(`${height} ${top} ${left}`) ?? 0) + 1);
    }
    tf.dispose([white, restored]);
  }
  // 33, 34 and 35 of 36 pixels lie in 16, 9 and 4 places.
  assert.equal(counts.size, 29);
  let chiSquare = 0;
  for (const [key, count] of counts) {
    const expected = 1200 / 3 / (37 - Number(key.slice(0, 2))) ** 2;
    chiSquare += (count - expected) ** 2 / expected;
  }
  assert.ok(chiSquare < 56.9, `28 degrees of freedom, 0.1 % above 56.9: ${chiSquare}`);
});

Deno.test("randomResizePadDefense takes the nearest pixel when it enlarges, and gives its gradient back", async () => {
  using defense = randomResizePadDefense({ smallest: 1, perImage: true, mode: "enlarge" });
  const images = ramp([2, 30, 28, 3]);
  const given = images.arraySync();
  const restored = await defense.restore(images, createRandom(3));
  assert.deepEqual(restored.shape, [2, 34, 31, 3]);
  for (const [index, values] of restored.arraySync().entries()) {
    const { rows: [top, height], columns: [left, width] } = placeOf(values);
    assert.ok(height >= 31 && height <= 33 && width >= 29 && width <= 30);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const source = given[index][Math.floor(y * 30 / height)][Math.floor(x * 28 / width)];
        assert.deepEqual(values[top + y][left + x], source);
      }
    }
  }
  const small = ramp([2, 5, 4, 3]);
  const noise = defense.gradient!.draw!(small.shape, createRandom(2));
  const weights = tf.tensor4d(createRandom(3).uniforms(2 * 6 * 5 * 3, -1, 1), [2, 6, 5, 3]);
  const compute = (x: tf.Tensor) =>
    tf.sum(tf.mul(defense.gradient!.apply(x as tf.Tensor4D, noise), weights)) as tf.Scalar;
  assertGradient(compute, [small], { coordinates: 12 });
});

Deno.test("randomResizePadDefense leaves nothing behind", async () => {
  const images = ramp([2, 4, 4, 3]);
  await assertNoLeak(async () => {
    using defense = randomResizePadDefense({ smallest: 0.5, perImage: false });
    (await defense.restore(images, createRandom(2))).dispose();
  });
});
