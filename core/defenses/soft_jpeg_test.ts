import assert from "node:assert/strict";
import { record } from "../backend/record.ts";
import { imagesOf } from "../images.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertGradient, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { quantisationTable } from "./jpeg_tables.ts";
import { softJpeg } from "./soft_jpeg.ts";

await useTestBackend();

/** Low contrast: at quality 1 all coefficients are below half a step, where the rounding has no jump. */
const faint = (height: number, width: number, contrast = 0.2) => {
  const numbers = createRandom(1, "images").uniforms(
    height * width * 3,
    0.51 - contrast / 2,
    0.51 + contrast / 2,
  );
  return tf.tensor4d(numbers, [1, height, width, 3]);
};

/** By hand: one block of grey through the sums of the cosine transform, as the standard writes them. */
function greyBlock(values: readonly number[], table: readonly number[]): number[] {
  const scale = (k: number) => k === 0 ? Math.SQRT1_2 : 1;
  const wave = (at: number, k: number) => Math.cos((2 * at + 1) * k * Math.PI / 16);
  const all = [...Array(64).keys()];
  const [row, column] = [(at: number) => at >> 3, (at: number) => at & 7];
  const coefficients = all.map((k) => {
    const sum = all.reduce(
      (sum, at) =>
        sum + (255 * values[at] - 128) * wave(row(at), row(k)) * wave(column(at), column(k)),
      0,
    );
    const steps = sum * scale(row(k)) * scale(column(k)) / 4 / table[k];
    const nearest = Math.round(steps);
    return (nearest + (steps - nearest) ** 3) * table[k];
  });
  return all.map((at) => {
    const sum = all.reduce(
      (sum, k) =>
        sum + coefficients[k] * scale(row(k)) * scale(column(k)) * wave(row(at), row(k)) *
          wave(column(at), column(k)),
      0,
    );
    return (sum / 4 + 128) / 255;
  });
}

Deno.test("softJpeg is the standard's transform and tables, with the cubic rounding", () => {
  const values = createRandom(2, "grey").uniforms(64, 0.3, 0.7);
  const block = tf.reshape(tf.tensor1d(values), [1, 8, 8, 1]);
  // A block in each corner of the 16 pixels that chroma's blocks cover.
  const images = tf.tile(block, [1, 2, 2, 3]) as tf.Tensor4D;
  for (const quality of [10, 75]) {
    const expected = greyBlock([...values], quantisationTable("luma", quality));
    const grey = tf.slice(softJpeg(images, quality), [0, 0, 0, 0], [1, 8, 8, 1]);
    assertClose(grey, expected, 2e-3);
  }
});

Deno.test("softJpeg keeps odd shapes and [0, 1], and what is smooth", () => {
  const [height, width] = [19, 37];
  const pixels = Uint8Array.from(
    { length: height * width * 3 },
    (_, at) => 100 + 2 * (Math.floor(at / 3) % width) + (at % 3) * 20,
  );
  const images = imagesOf([{ height, width, pixels }]);
  const soft = softJpeg(images, 90);
  assert.deepEqual(soft.shape, images.shape);
  const change = tf.mean(tf.abs(tf.sub(soft, images))).dataSync()[0];
  assert.ok(change > 0 && change < 2 / 255, `${255 * change} levels`);
  const stark = softJpeg(tf.round(faint(9, 20)) as tf.Tensor4D, 5);
  assert.ok(tf.min(stark).dataSync()[0] >= 0 && tf.max(stark).dataSync()[0] <= 1);
});

Deno.test("softJpeg has the gradient of its value", () => {
  for (const [height, width] of [[16, 16], [11, 21]]) {
    const images = faint(height, width);
    const weights = tf.tensor4d(
      createRandom(3).uniforms(images.size, -1, 1),
      images.shape,
    );
    const compute = (x: tf.Tensor) =>
      tf.sum(tf.mul(softJpeg(x as tf.Tensor4D, 1), weights)) as tf.Scalar;
    assertGradient(compute, [images], { coordinates: 8, step: 1e-2, tolerance: 5e-2 });
  }
});

Deno.test("softJpeg can be recorded, and leaves no tensor behind", async () => {
  const images = faint(11, 21);
  const back = (x: tf.Tensor4D) => tf.grad((y) => softJpeg(y as tf.Tensor4D, 50))(x);
  using step = record(({ images }: { images: tf.Tensor4D }) => back(images), { name: "soft" });
  assertClose(step({ images }), back(images), 1e-5);
  await assertNoLeak(() => {
    step({ images }).dispose();
    return Promise.resolve();
  });
});

Deno.test("quantisationTable scales as the Independent JPEG Group's codec", () => {
  assert.deepEqual(quantisationTable("luma", 50).slice(0, 8), [16, 11, 10, 16, 24, 40, 51, 61]);
  assert.deepEqual(quantisationTable("chroma", 25).slice(0, 3), [34, 36, 48]);
  assert.deepEqual(quantisationTable("luma", 1).slice(0, 2), [255, 255]);
  assert.equal(quantisationTable("chroma", 90)[63], 20);
  for (const plane of ["luma", "chroma"] as const) {
    assert.equal(quantisationTable(plane, 75).length, 64);
  }
});
