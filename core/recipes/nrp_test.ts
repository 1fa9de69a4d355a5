import assert from "node:assert/strict";
import { createRrdb } from "../networks/rrdb.ts";
import { createVggCritic } from "../networks/vgg_critic.ts";
import { createRandom } from "../random.ts";
import { assertClose, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { measureWeights } from "../weights/parameters.ts";
import { perceptualVictim } from "../adversaries/perceptual_victim.ts";
import { createAttack, exactVictim } from "../attacks/mod.ts";
import { checkRun } from "../checks/run.ts";
import { trainGenerator } from "../pipeline.ts";
import { createToyDataset, createToyTask, toyPreset } from "../testing/toy_task.ts";
import { createTrainingAttack, freshAdversaries } from "../train/adversaries.ts";
import { nrp } from "./nrp.ts";
import { withRecipe } from "./table.ts";
import type { RecipeContext } from "./recipe.ts";

await useTestBackend();

const values = {
  width: 64,
  blocks: 23,
  growth: 32,
  criticWidth: 64,
  attacked: "target" as const,
  dynamic: false,
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

Deno.test("SSP on a network that changes nothing ends in the corner of the ball that its noise points to", async () => {
  const victim = perceptualVictim({ features: (images) => [images, images, images] });
  const { attack: settings } = withRecipe(toyPreset, { name: "nrp", protocol: "original" });
  using attack = createAttack({ ...settings, epsilon: 0.05, steps: 12 }, victim);
  const shape: [number, number, number, number] = [2, 4, 4, 3];
  const clean = tf.tensor4d(createRandom(1).uniforms(96, 0, 1), shape);
  const noise = tf.tensor4d(createRandom(7).normals(96, 1), shape);
  const corner = tf.add(clean, tf.mul(tf.sign(tf.sub(noise, clean)), 0.05));
  const adversarial = await attack.perturb(clean, tf.tensor1d([0, 0]), createRandom(7));
  assertClose(adversarial, tf.clipByValue(corner, 0, 1), 1e-6);
});

Deno.test("NRP as published is trained against SSP on Φ, which O does not change", async () => {
  const task = createToyTask();
  const small = { width: 4, blocks: 1, growth: 2, criticWidth: 2 };
  const given = withRecipe(toyPreset, { name: "nrp", protocol: "original", ...small });
  assert.equal(given.recipe?.attacked, "perceptual");
  const attack = { ...given.attack, steps: 2 };
  const preset = { ...given, attack, train: { ...given.train, batchSize: 6 } };
  const dataset = createToyDataset(12);
  const perceptual = { features: (images: tf.Tensor4D) => [images, images, images] };
  const images = tf.tensor4d(createRandom(3).uniforms(192, 0, 1), [1, 8, 8, 3]);
  const attacked = await Promise.all([1, 2].map(async (seed) => {
    using target = task.createTarget("toy-net", createRandom(seed));
    const source = { preset, task, target, perceptual } as never;
    using made = createTrainingAttack(source);
    return (await made.perturb(images, tf.tensor1d([0], "int32") as never, createRandom(1)))
      .dataSync();
  }));
  assert.deepEqual(attacked[0], attacked[1]);
  using target = task.createTarget("toy-net", createRandom(1));
  const source = { preset, task, target, dataset };
  await checkRun(source);
  using purifier = await trainGenerator({ ...source, steps: 1 });
  assert.equal(purifier.parameters.names[0], "first.weight");
  assert.throws(() => createTrainingAttack(source), /the perceptual network .* was not passed in/);
  const train = { ...preset.train, adversary: "system", attackCache: 0 } as const;
  assert.throws(
    () => freshAdversaries({ ...source, preset: { ...preset, train } }),
    /train\.adversary must be "target"/,
  );
  assert.throws(
    () => createAttack(attack, exactVictim({ task, target })),
    /objective "perceptual"/,
  );
});

Deno.test("dynamic NRP is a row more, attacked by who knows the purifier", () => {
  const systems = { generator: { defenses: [{ name: "generator" }] } };
  const threatModels = {
    oblivious: { attacks: {} },
    whitebox: { attacks: {}, systems: ["generator"] },
  };
  const evaluation = { ...toyPreset.evaluation, systems, threatModels };
  const preset = { ...toyPreset, evaluation };
  const dynamic = withRecipe(preset, { name: "nrp", dynamic: true });
  assert.deepEqual(Object.keys(dynamic.evaluation.systems), ["generator", "generator-dynamic"]);
  const { oblivious, whitebox } = dynamic.evaluation.threatModels;
  assert.deepEqual(whitebox.systems, ["generator", "generator-dynamic"]);
  assert.equal(oblivious.systems, undefined);
  assert.deepEqual(withRecipe(dynamic, dynamic.recipe!), dynamic);
  assert.deepEqual(withRecipe(preset, { name: "nrp" }).evaluation, evaluation);
});
