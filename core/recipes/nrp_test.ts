import assert from "node:assert/strict";
import { createRrdb } from "../networks/rrdb.ts";
import { createVggCritic } from "../networks/vgg_critic.ts";
import { createRandom } from "../random.ts";
import { assertClose, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { measureWeights } from "../weights/parameters.ts";
import { nrp } from "./nrp.ts";
import type { RecipeContext } from "./recipe.ts";

await useTestBackend();

const values = {
  width: 64,
  blocks: 23,
  growth: 32,
  criticWidth: 64,
  featureWeight: 1,
  pixelWeight: 0.01,
  adversarialWeight: 0.005,
};

Deno.test("NRP's networks have as many weights as the published ones", () => {
  assert.equal(measureWeights(() => createRrdb(values, createRandom(1))) / 4, 16_550_275);
  const all = measureWeights(() => createVggCritic(64, [128, 128], createRandom(1))) / 4;
  // A mean and a variance for each channel of each norm are no weights.
  const statistics = 2 * (64 + 2 * 128 + 2 * 256 + 2 * 512 + 2 * 512);
  assert.equal(all - statistics, 14_499_401);
});

Deno.test("a block of RRDBNet multiplies by 1.2 where its dense blocks give nothing", () => {
  for (const blocks of [1, 23]) {
    const settings = { width: 2, blocks, growth: 1 };
    using network = createRrdb(settings, createRandom(1));
    using bare = createRrdb({ ...settings, blocks: 0 }, createRandom(1));
    const { names, variables } = network.parameters;
    names.forEach((name, index) => {
      if (name.includes("conv5")) variables[index].assign(tf.zerosLike(variables[index]));
    });
    const images = tf.tensor4d(createRandom(2).uniforms(5 * 4 * 3, 0, 1), [1, 5, 4, 3]);
    // The first and the last convolution have no bias yet.
    const [whole, alone] = [network, bare].map((one) => one.restore(images, "training"));
    assertClose(whole, tf.mul(alone, 1.2 ** blocks), 1e-4);
  }
  assertClose([1.2 ** 23], [66.2474], 1e-5);
});

Deno.test("NRP's losses of a critic that knows nothing are log 2, and those of Φ and pixels by hand", () => {
  const clean = tf.fill([2, 4, 4, 3], 0.25) as tf.Tensor4D;
  const context = {
    clean,
    restored: tf.add(clean, 0.5),
    score: () => tf.fill([2, 1], 7),
    perceptual: { features: (images: tf.Tensor4D) => [1, 2, 4].map((k) => tf.mul(images, k)) },
  } as unknown as RecipeContext;
  const { feature, pixel, adversarial } = nrp.terms(context, values);
  assertClose(feature.compute(), [4 * 0.5]);
  assertClose(pixel.compute(), [0.5 * Math.sqrt(48)]);
  assertClose(adversarial.compute(), [Math.log(2)]);
  assertClose(nrp.criticLoss!(context, values), [Math.log(2)]);
  assert.deepEqual([feature.weight, pixel.weight, adversarial.weight], [1, 0.01, 0.005]);
});

Deno.test("the critic halves images until about 4 x 4 is left", () => {
  const levels = ([side, wide]: [number, number]) => {
    using critic = createVggCritic(1, [side, wide], createRandom(1));
    const images = tf.zeros([2, side, wide, 3]) as tf.Tensor4D;
    assert.deepEqual(critic.score(images).shape, [2, 1]);
    return critic.parameters.names.filter((name) => name.endsWith("halve.weight")).length;
  };
  const sizes: [number, number][] = [[5, 6], [8, 8], [32, 40], [64, 64], [128, 130], [256, 256]];
  assert.deepEqual(sizes.map(levels), [1, 1, 3, 4, 5, 5]);
});
