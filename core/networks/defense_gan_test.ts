import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertClose, assertGradient, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { measureWeights } from "../weights/parameters.ts";
import { createLatentGenerator, createWassersteinCritic, LATENTS } from "./defense_gan.ts";

await useTestBackend();

const latents = (count: number) =>
  tf.tensor2d(createRandom(2).normals(count * LATENTS, 1), [count, LATENTS]);

Deno.test("Defense-GAN's networks have as many weights as the published ones", () => {
  for (
    const [width, batchNorm, size] of [
      [128, true, 5_179_907],
      [64, true, 1_565_955],
      [64, false, 1_557_379],
    ] as const
  ) {
    const settings = { width, batchNorm, side: 32 };
    const bytes = measureWeights(() => createLatentGenerator(settings, createRandom(1)));
    // Mean and variance of each of the numbers that a norm follows are no weights.
    const statistics = batchNorm ? 2 * (16 * 4 * width + 2 * width + width) : 0;
    assert.equal(bytes / 4 - statistics, size);
  }
  for (const [width, size] of [[128, 4_114_689], [64, 1_033_345]] as const) {
    const settings = { width, side: 32 };
    const bytes = measureWeights(() => createWassersteinCritic(settings, createRandom(1)));
    assert.equal(bytes / 4, size);
  }
});

Deno.test("Defense-GAN's generator makes grey where its last kernel is 0, on every side", () => {
  for (const side of [8, 16, 64]) {
    using generator = createLatentGenerator({ width: 2, side, batchNorm: false }, createRandom(1));
    const { names, variables } = generator.parameters;
    const last = variables[names.findLastIndex((name) => name.endsWith(".weight"))];
    last.assign(tf.zerosLike(last));
    const images = generator.generate(latents(2));
    assert.deepEqual(images.shape, [2, side, side, 3]);
    assertClose(images, new Float32Array(images.size).fill(0.5), 0);
    using critic = createWassersteinCritic({ width: 2, side }, createRandom(1));
    assert.deepEqual(critic.score(images).shape, [2, 1]);
  }
});

Deno.test("outside training an image of Defense-GAN's generator stands by itself, with its exact gradient", () => {
  using generator = createLatentGenerator({ width: 4, side: 8, batchNorm: true }, createRandom(1));
  const z = latents(3);
  tf.tidy(() => generator.generate(z, "training"));
  const whole = generator.generate(z).dataSync();
  const one = generator.generate(tf.slice(z, [0, 0], [1, -1]));
  assertClose(one, whole.slice(0, one.size));
  const weights = tf.tensor(createRandom(3).normals(one.size, 1), one.shape);
  assertGradient(
    (z) => tf.sum(tf.mul(generator.generate(z as tf.Tensor2D), weights)) as tf.Scalar,
    [tf.slice(z, [0, 0], [1, -1])],
    { step: 1e-2, tolerance: 0.05 },
  );
});
