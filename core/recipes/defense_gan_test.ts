import assert from "node:assert/strict";
import { withoutAttack } from "../adversaries/source.ts";
import type { Images } from "../dataset.ts";
import { generatorDefense } from "../defenses/generator.ts";
import { createWassersteinCritic } from "../networks/defense_gan.ts";
import { createPerceptual } from "../networks/perceptual.ts";
import { createRandom } from "../random.ts";
import { assertClose, useTestBackend } from "../testing/mod.ts";
import { createToyTask, toyPreset } from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import { gradientsOf } from "../train/gradients.ts";
import { createRecipeMethod } from "../train/recipe.ts";
import { readTerms } from "../train/step_exchange.ts";
import { defenseGan } from "./defense_gan.ts";
import { gradientPenalty } from "./losses.ts";
import type { RecipeContext } from "./recipe.ts";
import { withRecipe } from "./table.ts";

await useTestBackend();

const SHAPE: Images["shape"] = [3, 8, 8, 3];
const uniform = (seed: number) =>
  tf.tensor(createRandom(seed).uniforms(576, 0, 1), SHAPE) as Images;

/** D(x) = w x. */
const linear = (weight: tf.Tensor) => (images: Images) =>
  tf.sum(tf.mul(images, weight), [1, 2, 3]).reshape([-1, 1]) as tf.Tensor2D;

const lengthOf = (values: ArrayLike<number>) =>
  Math.sqrt(Array.from(values).reduce((sum, value) => sum + value ** 2, 0));

Deno.test("a linear critic's penalty is (|w| - 1)^2, its gradient 2 (|w| - 1) w / |w|", () => {
  const values = createRandom(3).normals(192, 0.2);
  const length = lengthOf(values);
  const penalty = (weight: tf.Tensor) =>
    gradientPenalty(linear(weight), uniform(1), uniform(2), tf.fill([3, 1, 1, 1], 0.3));
  const { value, grad } = tf.valueAndGrad(penalty)(tf.tensor(values, [1, 8, 8, 3]));
  assertClose(value, [(length - 1) ** 2], 1e-4);
  assertClose(grad, values.map((one) => 2 * (length - 1) * one / length), 1e-4);
});

Deno.test("the penalty is taken between the images, at the place that was drawn", () => {
  // The gradient of the sum of squares is 2 x.
  const score = (images: Images) =>
    tf.sum(tf.square(images), [1, 2, 3]).reshape([-1, 1]) as tf.Tensor2D;
  const penalty = gradientPenalty(
    score,
    tf.zeros([2, 2, 2, 1]),
    tf.ones([2, 2, 2, 1]),
    tf.tensor4d([0, 0.75], [2, 1, 1, 1]),
  );
  // Four pixels of 2 * .75: a length of 3.
  assertClose(penalty, [(1 + 4) / 2], 1e-4);
});

Deno.test("the critic's penalty has the gradient of finite differences in every kernel", () => {
  using critic = createWassersteinCritic({ width: 4, side: 16 }, createRandom(1));
  const { trainable, names } = critic.parameters;
  // The penalty jumps where a sum before an activation changes its sign: so far from 0, none does.
  for (const [name, size] of [["down1.bias", 6], ["down2.bias", 100]] as const) {
    const bias = trainable[names.indexOf(name)];
    bias.assign(tf.tensor(Array.from({ length: bias.size }, (_, at) => at % 2 ? size : -size)));
  }
  const resized = (images: Images) => tf.image.resizeBilinear(images, [16, 16]);
  const [first, second] = [uniform(1), uniform(2)].map(resized);
  const mixing = tf.tensor(createRandom(4).uniforms(3, 0, 1), [3, 1, 1, 1]) as tf.Tensor4D;
  const penalty = () => gradientPenalty(critic.score, first, second, mixing);
  const { gradients } = gradientsOf(trainable, () => ({ loss: penalty() }));
  for (const [index, weight] of trainable.entries()) {
    // Piecewise linear: a bias moves no slope.
    if (names[index].endsWith(".bias")) continue;
    const values = weight.dataSync<"float32">().slice();
    const found = gradients[index]!.dataSync<"float32">();
    const largest = Math.max(...found.map(Math.abs));
    assert.ok(largest > 1e-3, names[index]);
    // A direction of all coordinates, as single ones drown in rounding.
    const direction = createRandom(7, names[index]).normals(values.length, 1);
    const at = (offset: number) => {
      weight.assign(
        tf.tensor(values.map((value, k) => value + offset * direction[k]), weight.shape),
      );
      return penalty().dataSync()[0];
    };
    const numeric = (at(2e-3) - at(-2e-3)) / 4e-3;
    at(0);
    const exact = found.reduce((sum, value, k) => sum + value * direction[k], 0);
    const scale = lengthOf(found);
    assert.ok(Math.abs(numeric - exact) < 0.02 * scale, `${names[index]}: ${numeric}, ${exact}`);
  }
});

const values = {
  width: 64,
  inner: 8,
  batchNorm: true,
  penaltyWeight: 10,
  restarts: 10,
  steps: 200,
  stepSize: 10,
  momentum: 0.7,
  decay: 1,
} as const;

Deno.test("Defense-GAN's losses are those of WGAN-GP, with slopes of pixels in [-1, 1]", () => {
  const weights = createRandom(3).normals(192, 0.5);
  const score = linear(tf.tensor(weights, [1, 8, 8, 3]));
  const [clean, restored] = [uniform(1), uniform(2)];
  const noise = defenseGan.draw!(SHAPE, createRandom(1));
  const context = { clean, restored, score, noise, move: 4 } as unknown as RecipeContext;
  const mean = (images: Images) => tf.mean(score(images)).dataSync()[0];
  const distance = mean(restored) - mean(clean);
  const loss = defenseGan.criticLoss!(context, values);
  assertClose(loss, [distance + 10 * (lengthOf(weights) / 2 - 1) ** 2], 1e-3);
  assertClose(defenseGan.criticLoss!(context, { ...values, penaltyWeight: 0 }), [distance], 1e-4);
  const { adversarial } = defenseGan.terms(context, values);
  assertClose(adversarial.compute(), [-mean(restored)], 1e-4);
});

Deno.test("each of Defense-GAN's six moves has vectors of its own, as training draws them", () => {
  const noise = defenseGan.draw!([40, 8, 8, 3], createRandom(1));
  const drawn = Array.from({ length: 6 }, (_, move) => {
    const inputs = defenseGan.inputs!({ noise, move } as never, values);
    assert.deepEqual(inputs.shape, [40, 1, 1, 128]);
    return inputs.dataSync();
  });
  assert.equal(new Set(drawn.map((numbers) => numbers[0])).size, 6);
  const deviation = lengthOf(drawn[5]) / Math.sqrt(drawn[5].length);
  assert.ok(Math.abs(deviation - 1) < 0.05, `${deviation}`);
  assert.deepEqual(defenseGan.moves, { critic: 5, restorer: 1 });
});

Deno.test("Defense-GAN as published: Adam of 1e-4 (.5, .9), 200,000 steps of 50 images, no attack", () => {
  const { train, attack } = withRecipe(toyPreset, { name: "defense-gan", protocol: "original" });
  for (const optimizer of [train.optimizer, train.discriminatorOptimizer]) {
    assert.deepEqual([optimizer.name, optimizer.beta1, optimizer.beta2], ["adam", 0.5, 0.9]);
  }
  for (const schedule of [train.schedule, train.discriminatorSchedule]) {
    assert.deepEqual([schedule.name, schedule.peak], ["constant", 1e-4]);
  }
  assert.equal(train.epochs * (50_000 / train.batchSize), 200_000);
  assert.deepEqual(attack, toyPreset.attack);
  assert.deepEqual(defenseGan.needs, []);
});

Deno.test("Defense-GAN learns 8 images so that its search finds them, without x^a and labels", async () => {
  const options = { width: 8, inner: 8, batchNorm: false, restarts: 2, steps: 40 };
  const optimizer = { ...toyPreset.train.optimizer, beta1: 0.5, beta2: 0.9 };
  const train = {
    ...toyPreset.train,
    optimizer,
    discriminatorOptimizer: optimizer,
    averaging: 0,
  };
  const preset = withRecipe({ ...toyPreset, train }, { name: "defense-gan", ...options });
  const task = createToyTask();
  using target = task.createTarget("toy-net", createRandom(3));
  using perceptual = createPerceptual(preset.perceptual, createRandom(3));
  const adversaries = withoutAttack<tf.Tensor1D>();
  using method = createRecipeMethod({ preset, task, target, perceptual, adversaries });
  using defense = generatorDefense(method.restorer);
  // The corners of the cube of colours.
  const colour = (at: number) => (Math.floor(at / 192) >> (at % 3)) & 1 ? 0.9 : 0.1;
  const clean = tf.tensor(Float32Array.from({ length: 8 * 192 }, (_, at) => colour(at)), [
    8,
    8,
    8,
    3,
  ]) as Images;
  const errorNow = async () => {
    const restored = await defense.restore(clean, createRandom(1));
    return tf.sqrt(tf.mean(tf.square(tf.sub(restored, clean)))).dataSync()[0];
  };
  const before = await errorNow();
  // No number of these may reach a loss.
  const adversarial = tf.fill(clean.shape, NaN);
  const labels = tf.fill([8], -1, "int32");
  for (let step = 0; step < 80; step++) {
    const { critic, total } = await readTerms(method.step({
      clean,
      adversarial,
      labels,
      noise: defenseGan.draw!(clean.shape, createRandom(2, step)),
      cleanFeatures: undefined,
      learningRate: tf.scalar(0.01),
      discriminatorLearningRate: tf.scalar(0.005),
      averaging: tf.scalar(0),
    } as never));
    assert.ok(Number.isFinite(critic) && Number.isFinite(total));
  }
  const after = await errorNow();
  assert.ok(after < 0.6 * before, `${after} of ${before}`);
});
