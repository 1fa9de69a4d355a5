import { type Box, createRandom, createTargetMethod, type Images, Trainer } from "@realign/core";
import { createAttack, createVictim } from "@realign/core/attacks";
import { assertClose, assertNoLeak, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { adversarialTrainings } from "./adversarial.ts";
import { attacks } from "./attacks.ts";
import type { DetectionLabels } from "./labels.ts";
import type { DetectionOutput } from "./models/network.ts";
import { presets } from "./presets.ts";
import { createDetection } from "./task.ts";

await useTestBackend();

const epsilon = 8 / 255;
const box = (x1: number, y1: number, x2: number, y2: number): Box => ({
  box: [x1, y1, x2, y2],
  class: 0,
  difficult: false,
});

/**
 * Pictures of one pixel and one prior, which lies on the one box. Red alone decides about the class, log(1 + e^(a red)) being
 * the loss; green alone about the place, the offset in x being b green.
 */
function pixelVictim(a: readonly number[], b: readonly number[]) {
  const task = createDetection(["ant"]);
  const count = a.length;
  const [slopes, stretches] = [a, b].map((values) => tf.tensor2d([...values], [count, 1]));
  const priors = tf.fill([count, 1, 4], 0.5) as tf.Tensor3D;
  const forward = (images: Images): DetectionOutput => {
    const [red, green] = tf.split(tf.reshape(images, [count, 3]), 3, 1);
    const nothing = tf.zerosLike(red);
    return {
      logits: tf.reshape(tf.concat([tf.mul(red, slopes), nothing], 1), [count, 1, 2]),
      offsets: tf.reshape(
        tf.concat([tf.mul(green, stretches), nothing, nothing, nothing], 1),
        [count, 1, 4],
      ),
      priors,
      features: images,
    };
  };
  const { objectives } = task;
  const annotation = { boxes: [box(0.25, 0.25, 0.75, 0.75)] };
  return {
    victim: createVictim<DetectionOutput, DetectionLabels>({ name: "pixel", objectives, forward }),
    labels: task.encodeLabels(a.map(() => annotation)),
  };
}

/** By how many radii red, green and blue of each picture move, from the picture itself. */
async function moves(bundle: string, a: readonly number[], b: readonly number[]) {
  const { victim, labels } = pixelVictim(a, b);
  const settings = { ...adversarialTrainings[bundle].attack!, randomStart: "none" };
  using attack = createAttack(settings, victim, attacks);
  const clean = tf.fill([a.length, 1, 1, 3], 0.5) as Images;
  const images = await attack.perturb(clean, labels, createRandom(1));
  return [...tf.div(tf.sub(images, clean), epsilon).dataSync()]
    .map((value) => Number(value.toFixed(3)) + 0);
}

Deno.test("cls ascends the loss of classes, loc that of places, con both, by a step of the whole radius", async () => {
  const [a, b] = [[8], [8]];
  assert.deepEqual(await moves("cls", a, b), [1, 0, 0]);
  assert.deepEqual(await moves("loc", a, b), [0, 1, 0]);
  assert.deepEqual(await moves("con", a, b), [1, 1, 0]);
});

Deno.test("mtd keeps the attack that raises the whole loss more, picture by picture, mtd-batch one for all", async () => {
  // The first picture loses .25 by its class and .003 by its place, the second .003 and .38.
  const [a, b] = [[8, 0.2], [0.4, 12]];
  assert.deepEqual(await moves("mtd", a, b), [1, 0, 0, 0, 1, 0]);
  assert.deepEqual(await moves("mtd-batch", a, b), [0, 1, 0, 0, 1, 0]);
  // With twice the slope classes weigh more in the batch: .50 against .38.
  const steeper = [16, 0.2];
  assert.deepEqual(await moves("mtd", steeper, b), [1, 0, 0, 0, 1, 0]);
  assert.deepEqual(await moves("mtd-batch", steeper, b), [1, 0, 0, 1, 0, 0]);
});

const task = createDetection(["ant", "bee"]);
const architecture = "ssd64-vgg16-bn-w0.0625";
const annotations = [
  { boxes: [box(0.1, 0.1, 0.5, 0.6)] },
  { boxes: [] },
  { boxes: [box(0.2, 0.3, 0.8, 0.7)] },
  { boxes: [box(0.4, 0.1, 0.9, 0.7)] },
];
const labels = task.encodeLabels(annotations);
const clean: Images = tf.tensor4d(
  createRandom(1).uniforms(4 * 64 * 64 * 3, 0.1, 0.9),
  [4, 64, 64, 3],
);

function training(bundle: string, changes: Record<string, unknown> = {}) {
  const target = task.createTarget(architecture, createRandom(1, "target"));
  const { train } = presets["det-shapes"].target;
  const { attack, ...rest } = adversarialTrainings[bundle];
  const method = createTargetMethod({ task, target, seed: 5 }, {
    ...train,
    schedule: { name: "constant", peak: 1e-3, warmup: 0 },
    adversarial: { ...rest, attack: { ...attack!, ...changes } },
  });
  const trainer = new Trainer(method, { stepsPerEpoch: 1, totalSteps: 3 });
  const batch = () => ({
    ...{ ids: [], indices: Uint32Array.of(0, 1, 2, 3), pass: 0, count: 4 },
    images: tf.clone(clean),
    labels: Object.fromEntries(
      Object.entries(labels).map(([name, tensor]) => [name, tf.clone(tensor)]),
    ) as DetectionLabels,
  });
  return {
    target,
    method,
    trainer,
    batch,
    [Symbol.dispose]() {
      trainer[Symbol.dispose]();
      target[Symbol.dispose]();
    },
  };
}

for (const bundle of Object.keys(adversarialTrainings)) {
  Deno.test(`${bundle} trains on attacked images by the whole loss: steps are finite, move O and leave nothing`, async () => {
    using made = training(bundle);
    const before = await made.target.parameters.export();
    const prepared = await made.method.prepare(made.batch(), 0);
    const moved = tf.sub(prepared.images, clean);
    const most = tf.max(tf.abs(moved), [1, 2, 3]).dataSync();
    const attacked = Array.from(most, (value) => value > 0);
    assert.deepEqual(
      attacked,
      bundle === "mtd-batch" ? [false, false, true, true] : Array(4).fill(true),
    );
    assert.ok(Math.max(...most) <= epsilon + 1e-6);
    using copy = task.createTarget(architecture, createRandom(1, "target"));
    const expected = task.taskLoss(copy.forward(prepared.images, "training"), labels).dataSync();
    const learningRate = tf.scalar(1e-3);
    const terms = made.method.step({ ...prepared, learningRate });
    assertClose(terms.task.dataSync(), expected, 1e-3);
    tf.dispose([prepared, terms, learningRate, moved]);
    async function* batches() {
      while (true) yield await Promise.resolve(made.batch());
    }
    for await (const { losses } of made.trainer.run(batches())) {
      assert.ok(Object.values(losses).every(Number.isFinite));
    }
    const after = await made.target.parameters.export();
    assert.ok([...before].some(([name, { data }]) => after.get(name)!.data[0] !== data[0]));
    await assertNoLeak(async () => {
      const prepared = await made.method.prepare(made.batch(), 0);
      const learningRate = tf.scalar(1e-3);
      tf.dispose([made.method.step({ ...prepared, learningRate }), prepared, learningRate]);
    });
  });
}

Deno.test("loc leaves a picture without boxes as it is", async () => {
  using made = training("loc", { randomStart: "none" });
  const { images } = await made.method.prepare(made.batch(), 0);
  const most = tf.max(tf.abs(tf.sub(images, clean)), [1, 2, 3]).dataSync();
  assert.equal(most[1], 0);
  assertClose([most[0], most[2], most[3]], [epsilon, epsilon, epsilon], 1e-6);
});
