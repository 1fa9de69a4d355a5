import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertClose, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { createDefense } from "./mod.ts";

await useTestBackend();

const images = tf.tensor4d([0, 0.07, 0.08, 0.5, 0.93, 1], [1, 1, 2, 3]);

Deno.test("quantization rounds each colour to the nearest of 2^bits levels", async () => {
  for (const bits of [3, 8]) {
    using defense = await createDefense([{ name: "quantization", bits }]);
    const steps = 2 ** bits - 1;
    const expected = [...images.dataSync()].map((value) => Math.round(value * steps) / steps);
    assertClose(await defense.restore(images, createRandom(1)), expected, 1e-6);
    await assertNoLeak(async () => (await defense.restore(images, createRandom(1))).dispose());
  }
});

Deno.test("quantization has the identity for a stand-in, and refuses other numbers of bits", async () => {
  using defense = await createDefense([{ name: "quantization" }]);
  const slope = tf.grad((x) => tf.mul(defense.gradient!.apply(x as tf.Tensor4D, {}), 3))(images);
  assertClose(slope, new Array(6).fill(3));
  assert.equal(defense.gradient!.exact, false);
  for (const bits of [0, 9, 2.5]) {
    await assert.rejects(
      createDefense([{ name: "quantization", bits }]),
      /bits must be an integer from 1 to 8/,
    );
  }
});
