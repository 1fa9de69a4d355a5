import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertClose, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import type { AttackSettings } from "./attack.ts";
import { createAttack } from "./mod.ts";
import {
  type Classifier,
  classifier,
  distances,
  images8,
  linearClassifier,
  maxDifference,
  network,
  predict,
  watchGradients,
} from "../testing/victims.ts";

await useTestBackend();

const victim = network(3);
const clean = images8(8, 1);
const labels = predict(victim, clean);

async function perturb(
  settings: AttackSettings,
  { of = victim, images = clean, classes = labels, seed = 1 }: {
    of?: Classifier;
    images?: tf.Tensor4D;
    classes?: tf.Tensor1D;
    seed?: number;
  } = {},
): Promise<tf.Tensor4D> {
  using attack = createAttack(settings, of);
  return await attack.perturb(images, classes, createRandom(seed));
}

const fools = (images: tf.Tensor4D) =>
  [...tf.notEqual(predict(victim, images), labels).dataSync()].map(Boolean);

Deno.test("fab-t goes 1.05 times the closed form's way to the first plane", async () => {
  // w = (3, -1, 2); the plane is 0.8 away, the last pixel may go 0.1 only.
  const plane = linearClassifier([[0, 0, 0], [3, -1, 2]], [3.6, 0]);
  const image = tf.tensor4d([0.5, 0.5, 0.9], [1, 1, 1, 3]);
  const settings = { name: "fab-t", epsilon: 0.2, steps: 1 };
  const zero = tf.tensor1d([0], "int32");
  const adversarial = await perturb(settings, { of: plane, images: image, classes: zero });
  assertClose(tf.sub(adversarial, image), [0.1575, -0.1575, 0.1], 1e-6);
  const out = await perturb({ ...settings, epsilon: 0.157 }, {
    of: plane,
    images: image,
    classes: zero,
  });
  assert.equal(maxDifference(out, image), 0);
});

for (const norm of ["linf", "l2"] as const) {
  const epsilon = norm === "l2" ? 0.8 : 0.08;
  const length = (images: tf.Tensor4D) =>
    norm === "l2"
      ? [...distances(images, clean)]
      : [...tf.max(tf.abs(tf.sub(images, clean)), [1, 2, 3]).dataSync()];

  for (const name of ["fab", "fab-t"]) {
    Deno.test(`${name} (${norm}) succeeds within epsilon or returns the clean image`, async () => {
      const adversarial = await perturb({ name, norm, epsilon, steps: 20 });
      const fooled = fools(adversarial);
      for (const [index, far] of length(adversarial).entries()) {
        assert.ok(fooled[index] ? far > 0 && far <= epsilon * (1 + 1e-6) : far === 0, `${far}`);
      }
      assert.ok(fooled.includes(true) && fooled.includes(false), `${fooled}`);
    });

    Deno.test(`${name} (${norm}) fools all within a large epsilon`, async () => {
      const adversarial = await perturb({ name, norm, epsilon: 10, steps: 20 });
      assert.deepEqual(fools(adversarial), Array(8).fill(true));
    });

    Deno.test(`${name} (${norm}) with restarts fools at least as many, and returns the same for the same seed`, async () => {
      const settings = { name, norm, epsilon, steps: 3 };
      const [once, often, again] = [
        await perturb(settings),
        await perturb({ ...settings, restarts: 4 }),
        await perturb({ ...settings, restarts: 4 }),
      ];
      const [first, second] = [fools(once), fools(often)];
      assert.ok(first.every((fooled, index) => !fooled || second[index]), `${first}; ${second}`);
      assert.equal(maxDifference(often, again), 0);
    });
  }
}

for (const norm of ["linf", "l2"] as const) {
  Deno.test(`fab (${norm}) finds nearer images than deepfool`, async () => {
    const mean = (images: tf.Tensor4D) =>
      tf.mean(
        norm === "l2"
          ? tf.tensor(distances(images, clean))
          : tf.max(tf.abs(tf.sub(images, clean)), [1, 2, 3]),
      ).dataSync()[0];
    const nearest = mean(await perturb({ name: "fab", norm, epsilon: 10, steps: 20 }));
    const deepfool = mean(await perturb({ name: "deepfool", norm, epsilon: Infinity }));
    assert.ok(nearest <= 0.98 * deepfool, `${nearest} against ${deepfool}`);
  });
}

Deno.test("fab-t with one target moves to the second likeliest class of the clean image", async () => {
  const adversarial = await perturb({ name: "fab-t", epsilon: 1, targets: 1, steps: 30 });
  const second = victim.predict(clean).arraySync().map((z) =>
    z.indexOf(z.toSorted((a, b) => b - a)[1])
  );
  const reached = [...predict(victim, adversarial).dataSync()].filter((value, index) =>
    value === second[index]
  );
  assert.ok(reached.length >= 6, `${reached.length} of 8 became their target`);
});

Deno.test("fab-t asks for gradients until all are fooled, one class after the other", async () => {
  let asked = 0;
  const counting = watchGradients(victim, () => asked++);
  await perturb({ name: "fab-t", epsilon: 1, steps: 5 }, { of: counting });
  assert.ok(asked >= 5 && asked % 5 === 0 && asked < 15, `${asked}`);
  asked = 0;
  await perturb({ name: "fab-t", epsilon: 1e-5, steps: 5 }, { of: counting });
  assert.equal(asked, 3 * 5, "4 classes have 3 others");
});

Deno.test("fab bears a network without a gradient and returns the clean images", async () => {
  const flat = classifier(
    "flat",
    (images) =>
      tf.add(
        tf.mul(tf.reshape(tf.sum(images, [1, 2, 3]), [-1, 1]), 0),
        tf.tensor2d([[1, 0]]),
      ) as tf.Tensor2D,
  );
  for (const name of ["fab", "fab-t"]) {
    const adversarial = await perturb({ name, epsilon: 0.1, steps: 2 }, {
      of: flat,
      classes: tf.zeros([8], "int32"),
    });
    assert.equal(maxDifference(adversarial, clean), 0);
  }
});

Deno.test("fab and fab-t refuse a victim of one class, and leave nothing behind", async () => {
  const single = linearClassifier([Array(192).fill(1)], [0]);
  for (const name of ["fab", "fab-t"]) {
    using attack = createAttack({ name, epsilon: 0.1 }, single);
    const zeros = tf.zeros<tf.Rank.R1>([8], "int32");
    const run = () => attack.perturb(clean, zeros, createRandom(1));
    await assert.rejects(run(), /at least 2 classes: current value is 1/);
    const before = tf.memory().numTensors;
    await assert.rejects(run(), RangeError);
    assert.equal(tf.memory().numTensors, before);
    zeros.dispose();
  }
});
