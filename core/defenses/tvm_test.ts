import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertClose, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { createDefense, gradientKind, isRandom, tvmDefense } from "./mod.ts";
import { createBregmanStep, startOf } from "./split_bregman.ts";

await useTestBackend();

const converged = { drop: 0, unit: "channel", weight: 0.03, tolerance: 0, steps: 400 } as const;
const stream = createRandom(1, "noise");
const noisy = (shape: [number, number, number, number], seed = 1) =>
  tf.tensor4d(
    createRandom(seed, "images").uniforms(shape.reduce((a, b) => a * b), 0.2, 0.8),
    shape,
  );

Deno.test("tvm of a step image is its closed form: each side of n columns moves by λ / n", async () => {
  for (const [columns, weight] of [[4, 0.03], [2, 0.1]]) {
    using defense = tvmDefense({ ...converged, weight });
    const line = Array.from({ length: 2 * columns }, (_, at) => Number(at >= columns));
    for (
      const [shape, by] of [[[1, 1, 2 * columns, 1], [1, 3, 1, 3]], [
        [1, 2 * columns, 1, 1],
        [1, 1, 3, 3],
      ]]
    ) {
      const image = tf.tile(tf.tensor4d(line, shape as [number, number, number, number]), by);
      const expected = tf.add(tf.mul(image, 1 - 2 * weight / columns), weight / columns);
      assertClose(await defense.restore(image as tf.Tensor4D, stream), expected, 2e-4);
    }
  }
});

Deno.test("tvm keeps a constant image, whatever is dropped, and any image at a weight near 0", async () => {
  using dropping = tvmDefense({ ...converged, drop: 0.7, steps: 200 });
  const grey = tf.fill<tf.Rank.R4>([2, 6, 5, 3], 0.6);
  assertClose(await dropping.restore(grey, stream), grey, 1e-3);
  using light = tvmDefense({ ...converged, weight: 1e-5, steps: 100 });
  const images = noisy([1, 6, 5, 3]);
  assertClose(await light.restore(images, stream), images, 5e-4);
});

Deno.test("tvm's iterations end where no change of a pixel lowers what is minimised", () => {
  const [height, width, weight] = [6, 5, 0.1];
  const images = noisy([1, height, width, 1]);
  const keep = tf.tensor4d(
    createRandom(3).uniforms(30, 0, 1).map((value) => Number(value > 0.4)),
    images.shape,
  );
  using step = createBregmanStep({ weight, tolerance: 0 });
  let state = startOf(images, keep);
  for (let at = 0; at < 300; at++) state = step({ images, keep, ...state });
  const [x, w, u] = [images, keep, state.restored].map((tensor) =>
    Float64Array.from(tensor.dataSync())
  );
  const energy = (u: Float64Array) => {
    let sum = 0;
    for (let at = 0; at < u.length; at++) {
      const down = at + width < u.length ? u[at + width] - u[at] : 0;
      const right = at % width < width - 1 ? u[at + 1] - u[at] : 0;
      sum += w[at] * (u[at] - x[at]) ** 2 / 2 + weight * Math.hypot(down, right);
    }
    return sum;
  };
  const least = energy(u);
  assert.ok(least < energy(x) / 1.5);
  for (let at = 0; at < u.length; at++) {
    for (const change of [-0.005, 0.005]) {
      const moved = u.with(at, u[at] + change);
      assert.ok(energy(moved) > least - 1e-6, `${at} ${change}: ${energy(moved)} < ${least}`);
    }
  }
});

Deno.test("tvm drops and stops by example, whatever the batch", async () => {
  using defense = await createDefense([{ name: "tvm", tolerance: 0.001 }]);
  const [smooth, rough] = [tf.fill<tf.Rank.R4>([1, 8, 8, 3], 0.4), noisy([1, 8, 8, 3])];
  const both = await defense.restore(tf.concat([smooth, rough]) as tf.Tensor4D, stream);
  assertClose(
    await defense.restore(smooth, stream),
    tf.slice(both, [0, 0, 0, 0], [1, 8, 8, 3]),
    1e-6,
  );
  assertClose(await defense.restore(tf.concat([smooth, rough]) as tf.Tensor4D, stream), both, 0);
  const swapped = await defense.restore(tf.concat([rough, rough]) as tf.Tensor4D, stream);
  const [one, other] = tf.split(swapped, 2);
  assert.notDeepEqual(one.dataSync(), other.dataSync(), "each example drops its own");
  const again = await defense.restore(tf.concat([rough, rough]) as tf.Tensor4D, createRandom(2));
  assert.notDeepEqual(again.dataSync(), swapped.dataSync());
});

Deno.test("tvm drops all colours of a pixel, or each by itself", async () => {
  const grey = tf.tile(noisy([1, 8, 8, 1]), [1, 1, 1, 3]) as tf.Tensor4D;
  const spread = async (unit: "pixel" | "channel") => {
    using defense = tvmDefense({ ...converged, drop: 0.5, unit, steps: 3 });
    const restored = await defense.restore(grey, stream);
    return tf.max(tf.sub(tf.max(restored, 3), tf.min(restored, 3))).dataSync()[0];
  };
  assert.equal(await spread("pixel"), 0);
  assert.ok(await spread("channel") > 0.05);
});

Deno.test("tvm is random, has the identity for a stand-in, and leaves nothing behind", async () => {
  const images = noisy([2, 8, 7, 3]);
  await assertNoLeak(async () => {
    using defense = await createDefense([{ name: "tvm" }]);
    assert.deepEqual([isRandom(defense), gradientKind(defense)], [true, "bpda"]);
    assert.equal(defense.gradient!.apply(images, {}), images);
    const restored = await defense.restore(images, stream);
    assert.deepEqual(restored.shape, images.shape);
    restored.dispose();
  });
  using still = tvmDefense(converged);
  assert.equal(isRandom(still), false);
});
