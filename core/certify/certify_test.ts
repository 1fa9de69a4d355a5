/** Certificates of a linear classifier, whose true radius is the distance to its plane. */
import assert from "node:assert/strict";
import type { Defense, DefenseGradient } from "../defenses/defense.ts";
import { undefended } from "../evaluate/system.ts";
import { createRandom } from "../random.ts";
import type { TargetModel } from "../task.ts";
import { assertNoLeak, useTestBackend } from "../testing/mod.ts";
import { Parameters } from "../weights/parameters.ts";
import * as tf from "../tf.ts";
import type { Certificate } from "./certificate.ts";
import { certifyImage } from "./certify.ts";
import { createClassCounter, smoothingRefusal } from "./class_counts.ts";

await useTestBackend();

const SIDE = 4;
const SIZE = [SIDE, SIDE] as const;
const PIXELS = SIDE * SIDE * 3;

/** So small that no noise around grey is ever clipped. */
const SIGMA = 0.05;

/** Class 1 on the far side of a plane at a distance from grey, on whose normal all pixels weigh the same. */
function plane(distance: number, broken = false): TargetModel<tf.Tensor2D> {
  const normal = tf.fill([PIXELS, 1], 1 / Math.sqrt(PIXELS));
  return {
    name: "plane",
    parameters: new Parameters(createRandom(1)),
    forward(images) {
      const flat = tf.reshape(tf.sub(images, 0.5), [-1, PIXELS]);
      const score = tf.sub(tf.matMul(flat, normal), distance);
      const logits = tf.concat([tf.neg(score), score], 1) as tf.Tensor2D;
      return broken ? tf.mul(logits, NaN) as tf.Tensor2D : logits;
    },
    [Symbol.dispose]: () => normal.dispose(),
  };
}

const task = { name: "planes", classCount: 2, logits: (output: tf.Tensor2D) => output };
const grey = tf.fill([1, ...SIZE, 3], 0.5) as tf.Tensor4D;

const counterOf = (targets: readonly TargetModel<tf.Tensor2D>[], batchSize = 500) =>
  createClassCounter({
    task,
    systems: targets.map(undefended),
    size: SIZE,
    batchSize,
    sigma: SIGMA,
  });

async function certify(distance: number, draws: number, seed = 1): Promise<Certificate> {
  using target = plane(distance);
  using counter = counterOf([target]);
  const settings = { sigma: SIGMA, selectionDraws: 100, draws, alpha: 0.001 };
  const [certificate] = await certifyImage(counter, { image: grey, index: 0, seed }, settings);
  return certificate;
}

Deno.test("certifyImage() never exceeds the distance to a plane, and comes near it with more draws", async () => {
  for (const distance of [0.5 * SIGMA, SIGMA, 2 * SIGMA]) {
    const radii: number[] = [];
    for (const draws of [200, 2000, 20_000]) {
      const { class: chosen, radius } = await certify(distance, draws);
      assert.equal(chosen, 0);
      assert.ok(radius !== null && radius <= distance, `${radius} of ${distance}`);
      radii.push(radius);
    }
    assert.ok(radii[0] < radii[1] && radii[1] < radii[2], radii.join());
    assert.ok(radii[2] > 0.93 * distance, `${radii[2]} of ${distance}`);
  }
});

Deno.test("certifyImage() certifies the other class beyond the plane", async () => {
  const { class: chosen, radius } = await certify(-SIGMA, 2000);
  assert.equal(chosen, 1);
  assert.ok(radius! > 0.8 * SIGMA && radius! <= SIGMA);
});

Deno.test("certifyImage() abstains on the plane itself", async () => {
  for (let seed = 0; seed < 5; seed++) {
    assert.equal((await certify(0, 2000, seed)).radius, null);
  }
});

Deno.test("certifyImage() gives an image the same certificate whatever was certified before and by its seed", async () => {
  const once = await certify(SIGMA, 1000, 3);
  assert.deepEqual(await certify(SIGMA, 1000, 3), once);
  assert.notEqual((await certify(SIGMA, 1000, 4)).count, once.count);
});

Deno.test("createClassCounter() counts as many draws as asked, whatever the batch, with the same noise for every system", async () => {
  using near = plane(0.3 * SIGMA);
  using far = plane(3 * SIGMA);
  using counter = counterOf([near, far, near], 64);
  const done: number[] = [];
  const counts = await counter.count(grey, 150, createRandom(1), (draws) => done.push(draws));
  for (const one of counts) assert.equal(one[0] + one[1], 150);
  assert.deepEqual(counts[2], counts[0]);
  assert.ok(counts[1][0] > counts[0][0]);
  assert.deepEqual(done, [64, 128, 150]);
});

Deno.test("createClassCounter() gives outputs that are not numbers to no class, so that they cannot be certified", async () => {
  using broken = plane(SIGMA, true);
  using counter = counterOf([broken], 50);
  assert.deepEqual(await counter.count(grey, 100, createRandom(1)), [[0, 0]]);
});

Deno.test("createClassCounter() clips noisy images to [0, 1] before any system sees them", async () => {
  const seen: tf.Tensor4D[] = [];
  const defense = {
    name: "look",
    variables: [],
    restore: (images: tf.Tensor4D) => {
      seen.push(tf.clone(images));
      return Promise.resolve(tf.clone(images));
    },
  };
  using target = plane(SIGMA);
  const systems = [{ name: "look", title: "look", target, defense }];
  using counter = createClassCounter({ task, systems, size: SIZE, batchSize: 20, sigma: 5 });
  await counter.count(grey, 20, createRandom(1));
  const values = seen[0].dataSync();
  assert.ok(values.every((value) => value >= 0 && value <= 1));
  assert.ok(values.includes(0) && values.includes(1));
  tf.dispose(seen);
});

Deno.test("createClassCounter() stops between batches, and leaves no tensors behind then or otherwise", async () => {
  using target = plane(SIGMA);
  using stopped = createClassCounter({
    task,
    systems: [undefended(target)],
    size: SIZE,
    batchSize: 8,
    sigma: SIGMA,
    signal: AbortSignal.abort(new Error("enough")),
  });
  using counter = counterOf([target], 8);
  await assertNoLeak(async () => {
    await counter.count(grey, 20, createRandom(1));
    await assert.rejects(stopped.count(grey, 20, createRandom(1)), /enough/);
  });
});

Deno.test("smoothingRefusal() refuses random defenses, whose draws are not independent within a batch", () => {
  using target = plane(0);
  const whole = { ...task, classOf: () => tf.tensor1d([0], "int32") };
  const gradient = { exact: true, apply: (images: tf.Tensor4D) => images, draw: () => ({}) };
  const defense = { name: "shaken", variables: [], restore: () => Promise.resolve(grey), gradient };
  const system = { name: "shaken", title: "", target, defense };
  assert.equal(smoothingRefusal(whole, [undefended(target)]), undefined);
  assert.match(smoothingRefusal(whole, [system])!, /^Cannot certify "shaken"/);
});

Deno.test("smoothingRefusal() refuses a random defense without draws, and draws that are said not to be random", () => {
  using target = plane(0);
  const whole = { ...task, classOf: () => tf.tensor1d([0], "int32") };
  const refusal = (random: boolean, gradient?: DefenseGradient) => {
    const restore = () => Promise.resolve(grey);
    const defense: Defense = { name: "shaken", variables: [], restore, random, gradient };
    return smoothingRefusal(whole, [undefended(target), { name: "shaken", defense }]);
  };
  const plain: DefenseGradient = { exact: false, apply: (images) => images };
  assert.match(refusal(true)!, /^Cannot certify "shaken"/);
  assert.match(refusal(true, plain)!, /^Cannot certify "shaken"/);
  assert.match(refusal(false, { ...plain, draw: () => ({}) })!, /^Cannot certify "shaken"/);
  assert.equal(refusal(false, plain), undefined);
});
