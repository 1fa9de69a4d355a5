import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertClose, useTestBackend } from "../testing/mod.ts";
import { distances, images8, maxDifference, network, predict } from "../testing/victims.ts";
import * as tf from "../tf.ts";
import { l2, linf } from "./ball.ts";
import { createGradientAttack } from "./gradient_attack.ts";
import { createAttack } from "./mod.ts";
import { gainOf } from "./objective.ts";
import type { Stepper } from "./stepper.ts";

await useTestBackend();

const shape: [number, number, number, number] = [200, 2, 2, 3];
const lengths = (images: tf.Tensor4D) => distances(images, tf.zerosLike(images));

Deno.test("samples of a ball are within it, and as far out as uniform ones are", () => {
  for (const norm of [linf, l2]) {
    const noise = norm.sample(shape, 0.5, createRandom(1));
    const radii = norm === l2
      ? [...lengths(noise)]
      : [...tf.max(tf.abs(noise), [1, 2, 3]).dataSync()];
    assert.ok(Math.max(...radii) <= 0.5 + 1e-6);
    // Of 12 numbers the share of the volume within r is (r / 0.5)^12 in either norm.
    const share = radii.filter((radius) => (radius / 0.5) ** 12 < 0.5).length / radii.length;
    assert.ok(Math.abs(share - 0.5) < 0.1, `${norm.name}: ${share}`);
  }
});

Deno.test("directions have length 1 in their norm, and rise most", () => {
  const gradient = tf.tensor4d(createRandom(2).normals(24, 1), [2, 2, 2, 3]);
  assertClose(linf.direction(gradient), tf.sign(gradient));
  assertClose(lengths(l2.direction(gradient)), [1, 1], 1e-6);
  assertClose(
    tf.sum(tf.mul(l2.direction(gradient), gradient), [1, 2, 3]),
    lengths(gradient),
    1e-5,
  );
  assert.ok(l2.direction(tf.zeros([1, 1, 1, 3])).dataSync().every((value) => value === 0));
});

Deno.test("projections return the nearest images of the ball, and leave those within alone", () => {
  const clean = tf.fill<tf.Rank.R4>([3, 1, 1, 3], 0.5);
  const images = tf.add(clean, tf.tensor4d([0.3, 0, 0.4, 0.03, 0.04, 0, 0, 0, 0], [3, 1, 1, 3]));
  const near = l2.project(images as tf.Tensor4D, l2.around(clean, 0.1));
  assertClose(tf.sub(near, clean), [0.06, 0, 0.08, 0.03, 0.04, 0, 0, 0, 0], 1e-6);
  const square = linf.project(images as tf.Tensor4D, linf.around(clean, 0.1));
  assertClose(tf.sub(square, clean), [0.1, 0, 0.1, 0.03, 0.04, 0, 0, 0, 0], 1e-6);
  const corner = tf.tensor4d([0.95, 0.5, 0], [1, 1, 1, 3]);
  const beyond = l2.project(tf.tensor4d([1.4, 0.5, -2], [1, 1, 1, 3]), l2.around(corner, 5));
  assert.deepEqual([...beyond.dataSync()], [1, 0.5, 0]);
});

const victim = network(3);
const clean = images8(6, 1);
const labels = predict(victim, clean);

Deno.test("pgd in L2 stays in its ball, fools the network, and needs no loop of its own", async () => {
  const settings = { name: "pgd", epsilon: 3, norm: "l2", steps: 20, restarts: 2 };
  using attack = createAttack(settings, victim);
  const adversarial = await attack.perturb(clean, labels, createRandom(1));
  assert.ok(distances(adversarial, clean).every((distance) => distance <= 3 + 1e-4));
  const values = adversarial.dataSync();
  assert.ok(values.every((value) => value >= 0 && value <= 1));
  const right = labels.dataSync();
  const fooled = predict(victim, adversarial).dataSync().filter((value, i) => value !== right[i]);
  assert.ok(fooled.length >= 5, `${fooled.length} of 6 were fooled`);
});

Deno.test("a stepper with a memory (momentum) is told its own state, step by step", async () => {
  interface State extends tf.TensorContainerObject {
    readonly velocity: tf.Tensor4D;
  }
  // MI-FGSM (Dong et al. 2018): velocity of gradients of L1 norm 1.
  const momentum: Stepper<State> = {
    begin: (images) => ({ velocity: tf.zerosLike(images) }),
    step({ images, state, gradient, ball }, norm) {
      const size = tf.sum(tf.abs(gradient), [1, 2, 3], true);
      const velocity = tf.add(state.velocity, tf.div(gradient, size)) as tf.Tensor4D;
      const moved = tf.add(images, tf.mul(0.02, tf.sign(velocity))) as tf.Tensor4D;
      return { images: norm.project(moved, ball), state: { velocity } };
    },
  };
  const gain = gainOf(victim.objectives, "cross-entropy", "test");
  const settings = { name: "momentum", epsilon: 0.1, stepSize: 0.02, steps: 5 };
  using attack = createGradientAttack(settings, victim, { gain, stepper: momentum });
  const adversarial = await attack.perturb(clean, labels, createRandom(1));

  let images = clean;
  let velocity = tf.zerosLike(clean);
  const oneHot = tf.oneHot(labels, 4);
  for (let step = 0; step < 5; step++) {
    const loss = (x: tf.Tensor) =>
      tf.losses.softmaxCrossEntropy(
        oneHot,
        victim.predict(x as tf.Tensor4D),
        undefined,
        undefined,
        tf.Reduction.SUM,
      ) as tf.Tensor;
    const gradient = tf.grad(loss)(images);
    const size = tf.sum(tf.abs(gradient), [1, 2, 3], true);
    velocity = tf.add(velocity, tf.div(gradient, size));
    const moved = tf.add(images, tf.mul(0.02, tf.sign(velocity)));
    images = tf.clipByValue(
      tf.add(clean, tf.clipByValue(tf.sub(moved, clean), -0.1, 0.1)),
      0,
      1,
    ) as tf.Tensor4D;
  }
  const differing =
    tf.sum(tf.cast(tf.greater(tf.abs(tf.sub(images, adversarial)), 1e-5), "float32")).dataSync()[0];
  assert.ok(differing <= 0.01 * clean.size, `${differing} of ${clean.size} pixels differ`);
});

Deno.test("a stepper may give each example a step size of its own", async () => {
  interface State extends tf.TensorContainerObject {
    readonly size: tf.Tensor4D;
    readonly before: tf.Tensor1D;
  }
  // Halves an example's step when its gain has not risen, as APGD does at its checkpoints.
  const halving: Stepper<State> = {
    begin: ({ shape: [batch] }) => ({
      size: tf.fill([batch, 1, 1, 1], 0.05),
      before: tf.fill([batch], -1e9),
    }),
    step({ images, state, gain, gradient, ball }, norm) {
      const rose = tf.reshape(tf.greater(gain, state.before), [-1, 1, 1, 1]);
      const size = tf.where(rose, state.size, tf.div(state.size, 2)) as tf.Tensor4D;
      const moved = tf.add(images, tf.mul(size, norm.direction(gradient))) as tf.Tensor4D;
      return { images: norm.project(moved, ball), state: { size, before: tf.clone(gain) } };
    },
  };
  const gain = gainOf(victim.objectives, "cross-entropy", "test");
  const settings = {
    name: "halving",
    epsilon: 0.1,
    stepSize: 0,
    steps: 6,
    return: "best" as const,
  };
  using attack = createGradientAttack(settings, victim, { gain, stepper: halving });
  const adversarial = await attack.perturb(clean, labels, createRandom(1));
  assert.ok(maxDifference(adversarial, clean) <= 0.1 + 1e-6);
  assert.ok(maxDifference(adversarial, clean) > 0.05);
});
