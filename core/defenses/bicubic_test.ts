import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertClose, assertGradient, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { bicubicDefense, createDefense, gradientKind } from "./mod.ts";

await useTestBackend();

const stream = createRandom(1, "noise");
const noisy = (shape: [number, number, number, number], low = 0.3, high = 0.7) =>
  tf.tensor4d(createRandom(1, "images").uniforms(shape.reduce((a, b) => a * b), low, high), shape);

/** Keys's cubic, a = -1/2. */
function cubic(at: number): number {
  const x = Math.abs(at);
  if (x >= 2) return 0;
  return x <= 1 ? 1.5 * x ** 3 - 2.5 * x ** 2 + 1 : -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2;
}

/** By definition: all pixels of a mirrored line, weighted by their distance. */
function doubledLine(line: readonly number[]): number[] {
  const { length } = line;
  const at = (index: number) =>
    line[index < 0 ? -1 - index : index >= length ? 2 * length - 1 - index : index];
  return Array.from({ length: 2 * length }, (_, out) => {
    const place = (out + 0.5) / 2 - 0.5;
    let sum = 0;
    for (let index = -2; index < length + 2; index++) sum += at(index) * cubic(place - index);
    return sum;
  });
}

Deno.test("bicubicDefense doubles by Keys's cubic, or gives the mean of each four pixels of that", async () => {
  const images = noisy([2, 5, 4, 3]);
  const given = images.arraySync();
  const expected = given.map((image) => {
    const wide = image.map((row) => {
      const channels = [0, 1, 2].map((channel) => doubledLine(row.map((pixel) => pixel[channel])));
      return channels[0].map((_, x) => channels.map((line) => line[x]));
    });
    const columns = wide[0].map((_, x) =>
      [0, 1, 2].map((channel) => doubledLine(wide.map((row) => row[x][channel])))
    );
    return columns[0][0].map((_, y) => columns.map((lines) => lines.map((line) => line[y])));
  });
  using double = bicubicDefense("double");
  assertClose(await double.restore(images, stream), expected.flat(3), 1e-6);
  using same = bicubicDefense("same");
  const means = given.map((image, index) =>
    image.map((row, y) =>
      row.map((pixel, x) =>
        pixel.map((_, channel) =>
          [0, 1, 2, 3].reduce(
            (sum, at) => sum + expected[index][2 * y + (at >> 1)][2 * x + (at & 1)][channel] / 4,
            0,
          )
        )
      )
    )
  );
  assertClose(await same.restore(images, stream), means.flat(3), 1e-6);
  assert.deepEqual([double.changesSize, same.changesSize], [true, undefined]);
});

Deno.test("bicubicDefense stays in [0, 1], has its exact gradient, and leaves nothing behind", async () => {
  for (const output of ["double", "same"] as const) {
    using defense = await createDefense([{ name: "bicubic", output }]);
    assert.equal(gradientKind(defense), "exact");
    const stark = tf.round(noisy([1, 1, 6, 3], 0, 1)) as tf.Tensor4D;
    const restored = await defense.restore(stark, stream);
    assert.ok(tf.min(restored).dataSync()[0] >= 0 && tf.max(restored).dataSync()[0] <= 1);
    const images = noisy([1, 4, 3, 3]);
    const { shape, size } = defense.gradient!.apply(images, {});
    const weights = tf.tensor(createRandom(3).uniforms(size, -1, 1), shape);
    const compute = (x: tf.Tensor) =>
      tf.sum(tf.mul(defense.gradient!.apply(x as tf.Tensor4D, {}), weights)) as tf.Scalar;
    assertGradient(compute, [images], { coordinates: 12 });
    await assertNoLeak(async () => (await defense.restore(images, stream)).dispose());
  }
});
