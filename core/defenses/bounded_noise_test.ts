import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertClose, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { createDefense } from "./mod.ts";

await useTestBackend();

Deno.test("bounded-noise adds the stream's noise, within its radius and [0, 1], with an exact gradient", async () => {
  const shape: [number, number, number, number] = [2, 4, 4, 3];
  const images = tf.tensor4d(createRandom(2).uniforms(96, 0, 1), shape);
  using defense = await createDefense([{ name: "bounded-noise", deviation: 0.05, radius: 0.04 }]);
  const noise = createRandom(3).normals(96, 0.05);
  const expected = images.dataSync().map((value, at) =>
    Math.min(1, Math.max(0, value + Math.min(0.04, Math.max(-0.04, noise[at]))))
  );
  const restored = await defense.restore(images, createRandom(3));
  assertClose(restored, expected, 1e-6);
  const gradient = defense.gradient!;
  assert.equal(gradient.exact, true);
  const drawn = gradient.draw!(shape, createRandom(3));
  assertClose(gradient.apply(images, drawn), expected, 1e-6);
  const slope = tf.grad((x) => gradient.apply(x as tf.Tensor4D, drawn))(images);
  const inside = Array.from(expected, (value) => Number(value > 0 && value < 1));
  assertClose(slope, inside, 0);
  await assertNoLeak(async () => (await defense.restore(images, createRandom(1))).dispose());
});
