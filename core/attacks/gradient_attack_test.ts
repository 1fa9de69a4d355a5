import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertClose, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { createAttack, createGradientAttack, gainOf } from "./mod.ts";
import { classifier, images8, maxDifference, network, predict } from "../testing/victims.ts";

await useTestBackend();

const victim = network(3);
const clean = images8(4, 1);
const labels = predict(victim, clean);

Deno.test("pgd equals its definition, written out step by step", async () => {
  const settings = { name: "pgd", epsilon: 0.031, stepSize: 0.0075, steps: 4 };
  using attack = createAttack(settings, victim);
  const adversarial = await attack.perturb(clean, labels, createRandom(9));

  const noise = tf.tensor4d(createRandom(9).uniforms(clean.size, -0.031, 0.031), clean.shape);
  let images = tf.clipByValue(tf.add(clean, noise), 0, 1) as tf.Tensor4D;
  const oneHot = tf.cast(tf.oneHot(labels, 4), "float32");
  for (let step = 0; step < 4; step++) {
    const loss = (x: tf.Tensor) =>
      tf.losses.softmaxCrossEntropy(oneHot, victim.predict(x as tf.Tensor4D)) as tf.Tensor;
    const moved = tf.add(images, tf.mul(0.0075, tf.sign(tf.grad(loss)(images))));
    const projected = tf.add(clean, tf.clipByValue(tf.sub(moved, clean), -0.031, 0.031));
    images = tf.clipByValue(projected, 0, 1) as tf.Tensor4D;
  }
  const differing =
    tf.sum(tf.cast(tf.greater(tf.abs(tf.sub(images, adversarial)), 1e-5), "float32")).dataSync()[0];
  assert.ok(differing <= 0.005 * clean.size, `${differing} of ${clean.size} pixels differ`);
});

Deno.test("a gradient attack starts within 0.001 N(0, 1) of the clean images as TRADES does", async () => {
  const settings = {
    ...{ name: "start", epsilon: 0.031, stepSize: 0.01, steps: 0 },
    randomStart: "trades",
  } as const;
  const gain = gainOf(victim.objectives, "cross-entropy", "test");
  using attack = createGradientAttack(settings, victim, { gain });
  const start = await attack.perturb(clean, labels, createRandom(9));
  const noise = tf.tensor4d(createRandom(9).normals(clean.size, 0.001), clean.shape);
  assertClose(start, tf.clipByValue(tf.add(clean, noise), 0, 1), 1e-6);
});

Deno.test("a gradient attack refuses steps that are longer than a pixel's range", () => {
  const settings = { name: "pgd", epsilon: 0.1, stepSize: 2 };
  assert.throws(
    () => createAttack(settings, victim),
    /stepSize must be at most 1, the range of a pixel: current value is 2/,
  );
  createAttack({ ...settings, norm: "l2" }, victim)[Symbol.dispose]();
});

Deno.test("a gradient attack refuses to start uniformly in a ball without bounds", () => {
  const settings = { name: "mine", epsilon: Infinity, stepSize: 0.1, steps: 1 };
  const gain = gainOf(victim.objectives, "cross-entropy", "test");
  assert.throws(
    () => createGradientAttack({ ...settings, randomStart: "uniform" }, victim, { gain }),
    /its epsilon must be finite/,
  );
  createGradientAttack(settings, victim, { gain })[Symbol.dispose]();
});

Deno.test("a gradient attack passes over the clean images only for an objective that takes the reference", async () => {
  const batches: number[][] = [];
  const counting = classifier("counting", (images) => {
    batches.push([...images.dataSync()]);
    return victim.predict(images);
  });
  const backend = tf.getBackend();
  await tf.setBackend("cpu");
  try {
    const onCpu = tf.tensor4d(clean.dataSync<"float32">(), clean.shape);
    const classes = tf.tensor1d(labels.dataSync<"int32">(), "int32");
    for (const [objective, passes] of [["cross-entropy", 2], ["kl", 3]] as const) {
      batches.length = 0;
      using attack = createAttack({ name: "pgd", epsilon: 0.1, steps: 2, objective }, counting);
      await attack.perturb(onCpu, classes, createRandom(1));
      assert.equal(batches.length, passes);
    }
  } finally {
    await tf.setBackend(backend);
  }
});

Deno.test("a gradient attack serves batches of several sizes", async () => {
  using attack = createAttack({ name: "bim", epsilon: 0.1, steps: 2 }, victim);
  const both = await attack.perturb(clean, labels, createRandom(1));
  const first = tf.slice(clean, [0, 0, 0, 0], [1, 8, 8, 3]);
  const alone = await attack.perturb(first, tf.slice(labels, [0], [1]), createRandom(1));
  assert.ok(maxDifference(alone, tf.slice(both, [0, 0, 0, 0], [1, 8, 8, 3])) < 1e-5);
});

Deno.test("a gradient attack leaves nothing behind when its victim fails", async () => {
  const failing = classifier("failing", (images) => {
    tf.zerosLike(images);
    throw new Error("Cannot go on");
  });
  using attack = createAttack({ name: "pgd", epsilon: 0.1 }, failing);
  const before = tf.memory().numTensors;
  await assert.rejects(attack.perturb(clean, labels, createRandom(1)), /Cannot go on/);
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("pgd refuses an objective that the victim lacks, and says which it has", () => {
  assert.throws(
    () => createAttack({ name: "pgd", epsilon: 0.1, objective: "cros-entropy" }, victim),
    (error: Error) =>
      error instanceof RangeError &&
      /the objective "cros-entropy" is unknown: did you mean "cross-entropy"\?/.test(error.message),
  );
});
