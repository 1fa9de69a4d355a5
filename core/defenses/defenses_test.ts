import assert from "node:assert/strict";
import type { Picture } from "../dataset.ts";
import { createGenerator } from "../networks/generator.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertGradient, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { toyPreset } from "../testing/toy_task.ts";
import {
  composeDefenses,
  generatorDefense,
  gradientKind,
  identityDefense,
  isRandom,
  jpegDefense,
  randomResizePadDefense,
  softJpeg,
} from "./mod.ts";
import type { Defense } from "./defense.ts";

await useTestBackend();

const draw = (shape: [number, number, number, number] = [2, 8, 8, 3]) => {
  const count = shape.reduce((product, size) => product * size, 1);
  return tf.tensor4d(createRandom(1, "images").uniforms(count, 0, 1), shape);
};
const createToyGenerator = () => createGenerator(toyPreset.generator, createRandom(1));

const random = createRandom(1, "noise");

/** Multiplies pixels, with a gradient. */
const scaled = (factor: number, exact = true): Defense => ({
  name: `times ${factor}`,
  variables: [],
  gradient: { exact, apply: (images) => tf.mul(images, factor) },
  restore: (images) => Promise.resolve(tf.mul(images, factor)),
});
/** Adds to pixels, without a gradient. */
const shifted: Defense = {
  name: "plus",
  variables: [],
  restore: (images) => Promise.resolve(tf.add(images, 0.25)),
};
const applyOf = ({ gradient }: Defense) => (images: tf.Tensor) =>
  gradient!.apply(images as tf.Tensor4D, {});

Deno.test("identityDefense gives a copy that outlives what it was given", async () => {
  const images = draw();
  const values = images.dataSync();
  const restored = await identityDefense.restore(images, random);
  images.dispose();
  assert.deepEqual(restored.dataSync(), values);
  const double = (x: tf.Tensor) => tf.mul(applyOf(identityDefense)(x), 2);
  assertClose(tf.grad(double)(restored), values.map(() => 2));
});

Deno.test("generatorDefense restores as G does, resized or not, with G's gradient", async () => {
  using generator = createToyGenerator();
  using defense = generatorDefense(generator);
  for (const shape of [[2, 8, 8, 3], [1, 12, 10, 3]] as const) {
    const images = draw([...shape]);
    const restored = await defense.restore(images, random);
    assertClose(restored, generator.restore(images), 1e-5);
    assert.deepEqual(restored.shape, images.shape);
  }
  const weights = draw([1, 8, 8, 3]);
  const compute = (images: tf.Tensor) =>
    tf.sum(tf.mul(applyOf(defense)(images), weights)) as tf.Scalar;
  assertGradient(compute, [draw([1, 8, 8, 3])], { coordinates: 6, tolerance: 5e-2, step: 3e-3 });
});

Deno.test("generatorDefense restores with the weights that G has when it is asked", async () => {
  using generator = createToyGenerator();
  using defense = generatorDefense(generator);
  const images = draw();
  (await defense.restore(images, random)).dispose();
  for (const variable of generator.parameters.variables) variable.assign(tf.mul(variable, 1.5));
  assertClose(await defense.restore(images, random), generator.restore(images), 1e-5);
});

Deno.test("generatorDefense leaves nothing behind when it is disposed, and rejects what G refuses", async () => {
  const run = async () => {
    using generator = createToyGenerator();
    using defense = generatorDefense(generator);
    const images = draw();
    tf.dispose([await defense.restore(images, random), images]);
    const grey = tf.zeros<tf.Rank.R4>([1, 8, 8, 1]);
    await assert.rejects(defense.restore(grey, random), TypeError);
    grey.dispose();
  };
  await run();
  const before = tf.memory().numTensors;
  await run();
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("jpegDefense hands 8 bit pictures and the quality to the codec, and takes its pictures", async () => {
  const seen: [Picture, number][] = [];
  const invert = (picture: Picture, quality: number) => {
    seen.push([picture, quality]);
    return Promise.resolve({ ...picture, pixels: picture.pixels.map((value) => 255 - value) });
  };
  const defense = jpegDefense(invert, 40);
  const images = tf.tensor4d([0, 0.5, 1, 100.4 / 255, 100.6 / 255, 254.6 / 255], [2, 1, 1, 3]);
  const restored = await defense.restore(images, random);
  assert.deepEqual(seen.map(([{ pixels }]) => [...pixels]), [[0, 128, 255], [100, 101, 255]]);
  assert.deepEqual(seen.map(([, quality]) => quality), [40, 40]);
  assertClose(restored, [255, 127, 0, 155, 154, 0].map((value) => value / 255), 1e-6);
  assert.equal(defense.gradient?.exact, false);
  assertClose(applyOf(defense)(images), softJpeg(images, 40), 0);
  const weak = jpegDefense(invert, 40, "identity");
  assert.equal(applyOf(weak)(images), images, "the identity stands for it");
  await assertNoLeak(async () => (await defense.restore(images, random)).dispose());
});

Deno.test("composeDefenses applies defenses in order", async () => {
  const images = tf.fill<tf.Rank.R4>([1, 1, 1, 3], 0.5);
  const [first, second] = [
    composeDefenses([scaled(0.5), shifted]),
    composeDefenses([shifted, scaled(0.5)]),
  ];
  assertClose(await first.restore(images, random), [0.5, 0.5, 0.5]);
  assertClose(await second.restore(images, random), [0.375, 0.375, 0.375]);
  assert.equal(first.name, "times 0.5+plus");
  assert.throws(() => composeDefenses([]), RangeError);
});

Deno.test("composeDefenses has the gradient of the chain, with the identity for a part without one", () => {
  const half = composeDefenses([scaled(2), shifted, scaled(0.25)]);
  assertClose(tf.grad(applyOf(half))(tf.fill([1, 1, 1, 3], 0.5)), [0.5, 0.5, 0.5]);
  assert.equal(gradientKind(half), "bpda-identity");
  const square: Defense = {
    ...scaled(1),
    gradient: { exact: true, apply: (images) => tf.square(images) },
  };
  const chain = composeDefenses([scaled(3), square]);
  assertClose(tf.grad(applyOf(chain))(tf.fill([1, 1, 1, 3], 0.5)), [9, 9, 9]);
  assert.equal(chain.gradient?.exact, true);
  assert.equal(chain.gradient?.draw, undefined);
  assert.equal(gradientKind(chain), "exact");
  assert.equal(gradientKind(composeDefenses([scaled(3, false), square])), "bpda");
});

Deno.test("composeDefenses is random if a part is, one without a gradient as well", () => {
  using shaken = randomResizePadDefense({ smallest: 0.5, perImage: true });
  assert.equal(isRandom(composeDefenses([scaled(2), shifted])), false);
  assert.equal(isRandom(composeDefenses([scaled(2), shaken])), true);
  assert.equal(isRandom(composeDefenses([{ ...shifted, random: true }, scaled(2)])), true);
});

Deno.test("composeDefenses lets a part's gradient refer to itself", () => {
  const gradient = {
    exact: true,
    factor: 3,
    apply(images: tf.Tensor4D) {
      return tf.mul(images, this.factor) as tf.Tensor4D;
    },
  };
  const chain = composeDefenses([{ ...scaled(1), gradient }, scaled(1)]);
  assertClose(applyOf(chain)(tf.ones([1, 1, 1, 3])), [3, 3, 3]);
});

Deno.test("composeDefenses gives each part noise of its own, the same to restore and to the gradient", async () => {
  using shaken = randomResizePadDefense({ smallest: 0.5, perImage: true });
  const chain = composeDefenses([shaken, scaled(0.5), shaken]);
  const images = draw();
  const noise = chain.gradient!.draw!(images.shape, random);
  const [first, , last] = [0, 1, 2].map((part) => noise[part] as { source?: tf.Tensor });
  assert.notDeepEqual(first.source!.dataSync(), last.source!.dataSync());
  const once = chain.gradient!.apply(images, noise);
  assert.deepEqual((await chain.restore(images, random)).dataSync(), once.dataSync());
});

Deno.test("composeDefenses disposes what comes between, even where a defense fails, and not what it was given", async () => {
  const images = draw();
  const chain = composeDefenses([identityDefense, scaled(0.5), identityDefense]);
  await assertNoLeak(async () => (await chain.restore(images, random)).dispose());
  const failing: Defense = { ...shifted, restore: () => Promise.reject(new Error("broken")) };
  const broken = composeDefenses([scaled(0.5), failing]);
  await assertNoLeak(() => assert.rejects(broken.restore(images, random), /broken/));
  assert.equal(images.isDisposed, false);
});
