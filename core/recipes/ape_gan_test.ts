import assert from "node:assert/strict";
import { createApeCritic, createApeGenerator } from "../networks/ape_gan.ts";
import { createRandom } from "../random.ts";
import { assertClose, useTestBackend } from "../testing/mod.ts";
import { toyPreset } from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import { apeGan } from "./ape_gan.ts";
import type { RecipeContext } from "./recipe.ts";
import { withRecipe } from "./table.ts";

await useTestBackend();

const values = { width: 64, pixelWeight: 0.9, adversarialWeight: 0.02 };

Deno.test("APE-GAN's networks have as many weights as the published ones", () => {
  using generator = createApeGenerator(64, createRandom(1));
  assert.equal(generator.parameters.size, 419_971);
  using critic = createApeCritic(64, [32, 32], createRandom(1));
  assert.equal(critic.parameters.size, 1_034_113);
});

Deno.test("APE-GAN's generator restores grey where its last kernel is 0, whatever the size", () => {
  using generator = createApeGenerator(4, createRandom(1));
  const { names, variables } = generator.parameters;
  const last = variables[names.indexOf("up2.weight")];
  last.assign(tf.zerosLike(last));
  const restored = generator.restore(tf.ones([2, 9, 7, 3]));
  assert.deepEqual(restored.shape, [2, 9, 7, 3]);
  assertClose(restored, new Float32Array(restored.size).fill(0.5), 0);
});

Deno.test("APE-GAN's losses of a critic that knows nothing are 2 log 2 and log 2; images that differ by c, 2 c", () => {
  const clean = tf.fill([2, 8, 8, 3], 0.25) as tf.Tensor4D;
  const context = {
    clean,
    restored: tf.add(clean, 0.5),
    score: () => tf.zeros([2, 1]),
  } as unknown as RecipeContext;
  assertClose(apeGan.criticLoss!(context, values), [2 * Math.log(2)]);
  const { pixel, adversarial } = apeGan.terms(context, values);
  assertClose(adversarial.compute(), [Math.log(2)]);
  assertClose(pixel.compute(), [1]);
  assert.deepEqual([pixel.weight, adversarial.weight], [0.9, 0.02]);
});

Deno.test("APE-GAN's critic has as many weights for large images as for small ones", () => {
  using critic = createApeCritic(4, [96, 80], createRandom(1));
  using other = createApeCritic(4, [256, 256], createRandom(1));
  assert.equal(critic.parameters.size, other.parameters.size);
  assert.deepEqual(critic.score(tf.zeros([2, 96, 80, 3])).shape, [2, 1]);
});

Deno.test("APE-GAN as published drops what only G's training has", () => {
  const { train: own } = toyPreset;
  const train = { ...own, attackCache: 0, adversary: "system", ramp: 0.5 } as const;
  const preset = withRecipe({ ...toyPreset, train }, { name: "ape-gan", protocol: "original" });
  assert.deepEqual(
    [preset.train.adversary, preset.train.ramp, preset.train.averaging, preset.train.epochs],
    [undefined, undefined, 0, 5],
  );
  assert.deepEqual(preset.attack, { name: "fgsm", epsilon: toyPreset.attack.epsilon });
});
