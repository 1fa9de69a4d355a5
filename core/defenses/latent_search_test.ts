import assert from "node:assert/strict";
import type { Images } from "../dataset.ts";
import { createLatentGenerator, LATENTS } from "../networks/defense_gan.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { gradientKind, isRandom } from "./gradient_of.ts";
import { createLatentSearch, type LatentModel } from "./latent_search.ts";
import { latentSearchDefense } from "./latent_search_defense.ts";

await useTestBackend();

const settings = { restarts: 2, steps: 10, stepSize: 1, momentum: 0.7, decay: 1 };

/** Images of one grey, the square of the vector's length over its size. */
const greyModel = (latents: number, power = 1): LatentModel => ({
  latents,
  size: [2, 2],
  variables: [],
  generate: (z) =>
    tf.tile(tf.reshape(tf.mean(tf.pow(z, power), 1), [-1, 1, 1, 1]), [1, 2, 2, 3]) as Images,
});

const greys = (...values: number[]) =>
  tf.tile(tf.reshape(tf.tensor1d(values), [-1, 1, 1, 1]), [1, 2, 2, 3]) as Images;

const firsts = (images: Images) => images.dataSync<"float32">().filter((_, at) => at % 12 === 0);

function createNetwork() {
  const generator = createLatentGenerator(
    { width: 4, side: 8, batchNorm: false },
    createRandom(1),
  );
  const { parameters: { variables }, generate } = generator;
  const model: LatentModel = { latents: LATENTS, size: [8, 8], variables, generate };
  return { model, [Symbol.dispose]: () => generator[Symbol.dispose]() };
}

const images8 = (count: number) =>
  tf.tensor(createRandom(3).uniforms(count * 192, 0, 1), [count, 8, 8, 3]) as Images;

/** Columns of length 1, each orthogonal to the others. */
function orthonormal(rows: number, count: number): number[][] {
  const random = createRandom(5);
  const columns: number[][] = [];
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, at) => sum + value * b[at], 0);
  for (let index = 0; index < count; index++) {
    let column = [...random.normals(rows, 1)];
    for (const other of columns) {
      const along = dot(column, other);
      column = column.map((value, at) => value - along * other[at]);
    }
    const length = Math.sqrt(dot(column, column));
    columns.push(column.map((value) => value / length));
  }
  return columns;
}

Deno.test("a linear generator's search ends at the least squares projection, from any start", async () => {
  const basis = orthonormal(12, 3);
  const scales = [1, 2, 0.5];
  const matrix = tf.tensor2d(basis.map((column, at) => column.map((one) => one * scales[at])));
  const generate = (z: tf.Tensor2D) =>
    tf.add(tf.reshape(tf.matMul(z, matrix), [-1, 2, 2, 3]), 0.5) as Images;
  // The curvature is 8 / 12 of the squared scales, at most 2.7: rates under 2 / 2.7 converge.
  using search = createLatentSearch(
    { latents: 3, size: [2, 2], variables: [], generate },
    { restarts: 1, steps: 120, stepSize: 0.5, momentum: 0.5, decay: 1 },
  );
  const values = createRandom(6).uniforms(24, 0, 1);
  const { images: found } = await search.search(
    tf.tensor(values, [2, 2, 2, 3]) as Images,
    tf.tensor2d([3, -2, 1, 0, 0, 4], [2, 3]),
  );
  const expected = [0, 12].flatMap((first) => {
    const away = [...values.slice(first, first + 12)].map((value) => value - 0.5);
    const along = basis.map((column) => column.reduce((sum, one, at) => sum + one * away[at], 0));
    return away.map((_, at) => 0.5 + basis.reduce((sum, one, k) => sum + along[k] * one[at], 0));
  });
  assertClose(found, expected, 1e-4);
});

Deno.test("a search that starts at the right vector stays", async () => {
  using network = createNetwork();
  const z = tf.tensor2d(createRandom(4).normals(2 * LATENTS, 1), [2, LATENTS]);
  const images = network.model.generate(z);
  using search = createLatentSearch(network.model, { ...settings, restarts: 1, stepSize: 10 });
  assertClose((await search.search(images, z)).images, images, 1e-6);
});

Deno.test("the best start is that of each image; one that is no number is not", async () => {
  using search = createLatentSearch(greyModel(1), { ...settings, restarts: 3, steps: 0 });
  const start = tf.tensor2d([0.1, 0.6, 0.9, 0.3, 0.2, NaN], [6, 1]);
  assertClose(firsts((await search.search(greys(0.7, 0.1), start)).images), [0.6, 0.2]);
});

Deno.test("steps are gradient descent with momentum on pixels in [-1, 1], slower in the last fifth", async () => {
  const [stepSize, momentum, decay] = [0.1, 0.5, 0.1];
  for (const steps of [1, 2, 4, 5, 10]) {
    using search = createLatentSearch(greyModel(1), {
      restarts: 1,
      steps,
      stepSize,
      momentum,
      decay,
    });
    let [z, velocity] = [0, 0];
    for (let step = 0; step < steps; step++) {
      velocity = momentum * velocity + 8 * (z - 0.75);
      z -= (step >= Math.ceil(0.8 * steps) ? decay : 1) * stepSize * velocity;
    }
    assertClose(firsts((await search.search(greys(0.75), tf.zeros([1, 1]))).images), [z], 1e-4);
  }
});

Deno.test("a step is that of each image, whatever the size of the batch and of the image", async () => {
  using search = createLatentSearch(greyModel(1), { ...settings, restarts: 1, stepSize: 0.05 });
  const alone = firsts((await search.search(greys(0.75), tf.zeros([1, 1]))).images);
  const beside = firsts((await search.search(greys(0.75, 0.2, 0.4), tf.zeros([3, 1]))).images);
  assertClose([beside[0]], alone);
  const { images: large } = await search.search(tf.fill([1, 6, 4, 3], 0.75), tf.zeros([1, 1]));
  assert.deepEqual(large.shape, [1, 6, 4, 3]);
  assertClose(large, new Float32Array(72).fill(alone[0]));
});

Deno.test("first vectors are drawn with the variance 1 / latents", async () => {
  using defense = latentSearchDefense(greyModel(128, 2), { ...settings, steps: 0, restarts: 1 });
  const images = greys(...Array.from({ length: 50 }, (_, at) => at / 50));
  const squares = firsts(await defense.restore(images, createRandom(1)));
  const mean = squares.reduce((sum, value) => sum + value) / 50;
  assert.ok(Math.abs(mean * 128 - 1) < 0.1, `${mean * 128}`);
  assert.equal(new Set(squares).size, 50);
});

Deno.test("an image's result is that of its stream, whatever the batch it is in", async () => {
  using network = createNetwork();
  using defense = latentSearchDefense(network.model, settings);
  const images = images8(4);
  const whole = (await defense.restore(images, createRandom(1))).dataSync();
  const parts = tf.split(images, [1, 3]) as Images[];
  const split = await Promise.all(parts.map((part) => defense.restore(part, createRandom(1))));
  assertClose(tf.concat(split), whole, 1e-4);
  const turned = await defense.restore(tf.reverse(images, 0), createRandom(1));
  assertClose(tf.reverse(turned, 0), whole, 1e-4);
  assert.deepEqual((await defense.restore(images, createRandom(1))).dataSync(), whole);
  const other = (await defense.restore(images, createRandom(2))).dataSync();
  assert.ok(other.some((value, at) => Math.abs(value - whole[at]) > 1e-3));
});

Deno.test("a search leaves no tensor behind, sees new weights, and is attacked by the identity and draws", async () => {
  using network = createNetwork();
  using defense = latentSearchDefense(network.model, settings);
  const images = images8(2);
  await assertNoLeak(async () => (await defense.restore(images, createRandom(1))).dispose());
  assert.deepEqual([gradientKind(defense), isRandom(defense)], ["bpda-identity", true]);
  const before = (await defense.restore(images, createRandom(1))).dataSync();
  for (const weight of network.model.variables) weight.assign(tf.zerosLike(weight));
  const after = await defense.restore(images, createRandom(1));
  assert.notDeepEqual(after.dataSync(), before);
  assertClose(after, new Float32Array(after.size).fill(0.5));
});
