/** Attacks on linear classifiers, where the answer is known in closed form. */
import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertClose, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import type { AttackSettings } from "./attack.ts";
import { createAttack } from "./mod.ts";
import {
  type Classifier,
  distances,
  linearClassifier,
  maxDifference,
  predict,
} from "../testing/victims.ts";

await useTestBackend();

const pixels = 4 * 4 * 3;
const examples = 6;
const random = createRandom(11);
/** Far from 0 and 1, so that the box cuts nothing off. */
const clean = tf.tensor4d(random.uniforms(examples * pixels, 0.45, 0.55), [examples, 4, 4, 3]);

/** Rows of weights whose logits lie close together at the middle of the box. */
function rows(classes: number): number[][] {
  return Array.from({ length: classes }, (_, row) => {
    const values = [...random.fork("weights", classes, row).normals(pixels, 1)];
    const mean = values.reduce((sum, value) => sum + value, 0) / pixels;
    return values.map((value) => value - mean);
  });
}

async function attack(settings: AttackSettings, victim: Classifier, labels: tf.Tensor1D) {
  using attack = createAttack(settings, victim);
  return await attack.perturb(clean, labels, createRandom(2));
}

/** For each example, the least over the other classes of |f_j - f_y| / norm(w_j - w_y). */
function boundaryDistances(
  weights: number[][],
  victim: Classifier,
  norm: (w: number[]) => number,
): number[] {
  const logits = victim.predict(clean).arraySync();
  return logits.map((z) => {
    const own = z.indexOf(Math.max(...z));
    const ways = weights.flatMap((row, other) =>
      other === own
        ? []
        : [(z[own] - z[other]) / norm(row.map((value, index) => value - weights[own][index]))]
    );
    return Math.min(...ways);
  });
}

const l1 = (values: number[]) => values.reduce((sum, value) => sum + Math.abs(value), 0);
const l2 = (values: number[]) => Math.hypot(...values);

for (const name of ["fgsm", "bim", "pgd", "pgd-cw", "mi-fgsm"]) {
  Deno.test(`${name} finds epsilon * sign(w) for two classes`, async () => {
    const weights = rows(2);
    const victim = linearClassifier(weights, [0.1, 0]);
    const labels = tf.tensor1d([0, 1, 0, 1, 0, 1], "int32");
    const epsilon = 0.031;
    const adversarial = await attack({ name, epsilon }, victim, labels);
    const towardsOne = tf.sign(tf.sub(tf.tensor1d(weights[1]), tf.tensor1d(weights[0])));
    const signs = tf.tensor4d([1, -1, 1, -1, 1, -1], [examples, 1, 1, 1]);
    const expected = tf.add(
      clean,
      tf.mul(epsilon, tf.mul(signs, tf.reshape(towardsOne, [1, 4, 4, 3]))),
    );
    assertClose(adversarial, expected, 1e-6);
  });
}

for (const classes of [2, 5]) {
  const weights = rows(classes);
  const victim = linearClassifier(weights, Array(classes).fill(0));
  const labels = predict(victim, clean);

  Deno.test(`deepfool goes 1.02 times the L2 distance to the nearest of ${classes - 1} boundaries`, async () => {
    const adversarial = await attack(
      { name: "deepfool", norm: "l2", epsilon: Infinity },
      victim,
      labels,
    );
    const expected = boundaryDistances(weights, victim, l2).map((distance) =>
      1.02 * (distance + 1e-4)
    );
    assertClose(distances(adversarial, clean), expected, 1e-5);
  });

  Deno.test(`deepfool goes 1.02 times the L-infinity distance to the nearest of ${classes - 1} boundaries`, async () => {
    const adversarial = await attack({ name: "deepfool", epsilon: Infinity }, victim, labels);
    const moved = tf.max(tf.abs(tf.sub(adversarial, clean)), [1, 2, 3]);
    const expected = boundaryDistances(weights, victim, l1).map((distance) =>
      1.02 * (distance + 1e-4)
    );
    assertClose(moved, expected, 1e-5);
  });

  Deno.test(`carlini-wagner comes near the L2 distance to the nearest of ${classes - 1} boundaries`, async () => {
    const settings = {
      name: "carlini-wagner",
      epsilon: Infinity,
      steps: 150,
      binarySearchSteps: 6,
    };
    const adversarial = await attack({ ...settings, initialConstant: 0.01 }, victim, labels);
    const least = boundaryDistances(weights, victim, l2);
    for (const [index, distance] of distances(adversarial, clean).entries()) {
      assert.ok(distance >= least[index] - 1e-5, `${distance} is below the least, ${least[index]}`);
      assert.ok(
        distance <= 1.05 * least[index] + 0.002,
        `${distance} is far above ${least[index]}`,
      );
    }
    assert.ok(maxDifference(predict(victim, adversarial), labels) > 0);
  });
}

Deno.test("feature goes to the corner that moves a feature most, on either side of the clean image", async () => {
  const weights = rows(2);
  // The second feature does not move.
  const victim = linearClassifier([weights[0], Array(pixels).fill(0)], [0, 0]);
  const labels = tf.zeros<tf.Rank.R1>([examples], "int32");
  const epsilon = 0.031;
  const adversarial = await attack({ name: "feature", epsilon }, victim, labels);
  const signs = tf.reshape(tf.sign(tf.tensor1d(weights[0])), [1, 4, 4, 3]);
  const moved = tf.div(tf.sub(adversarial, clean), epsilon);
  const sides = tf.sign(tf.mean(tf.mul(moved, signs), [1, 2, 3], true));
  assertClose(moved, tf.mul(sides, signs), 1e-4);
  assert.equal(new Set(sides.dataSync()).size, 2);
});

for (const norm of ["linf", "l2"] as const) {
  Deno.test(`hop-skip-jump comes near the ${norm} distance to the boundary, by decisions alone`, async () => {
    const weights = rows(2);
    const { ascend: _, ...victim } = linearClassifier(weights, [0, 0]);
    const labels = predict(victim, clean);
    const settings = { name: "hop-skip-jump", norm, epsilon: Infinity, steps: 6, probes: 50 };
    const adversarial = await attack(settings, victim, labels);
    const least = boundaryDistances(weights, victim, norm === "l2" ? l2 : l1);
    const found = norm === "l2"
      ? distances(adversarial, clean)
      : tf.max(tf.abs(tf.sub(adversarial, clean)), [1, 2, 3]).dataSync();
    for (const [index, distance] of found.entries()) {
      assert.ok(distance >= least[index] - 1e-5, `${distance} is below the least, ${least[index]}`);
      assert.ok(distance <= 1.4 * least[index], `${distance} is far above ${least[index]}`);
    }
    assert.equal(tf.any(tf.equal(predict(victim, adversarial), labels)).dataSync()[0], 0);
  });
}

Deno.test("deepfool with few candidates looks at the likeliest classes only", async () => {
  const weights = rows(5);
  const victim = linearClassifier(weights, [0, 0, 0, 0, 0]);
  const labels = predict(victim, clean);
  const adversarial = await attack(
    { name: "deepfool", norm: "l2", epsilon: Infinity, candidates: 2 },
    victim,
    labels,
  );
  const second = victim.predict(clean).arraySync().map((z) =>
    z.indexOf(z.toSorted((a, b) => b - a)[1])
  );
  assert.deepEqual([...predict(victim, adversarial).dataSync()], second);
});

Deno.test("carlini-wagner with a confidence goes beyond the boundary by as much", async () => {
  const victim = linearClassifier(rows(3), [0, 0, 0]);
  const labels = predict(victim, clean);
  const settings = {
    name: "carlini-wagner",
    epsilon: Infinity,
    steps: 100,
    binarySearchSteps: 5,
  };
  const adversarial = await attack(
    { ...settings, initialConstant: 0.1, confidence: 0.5 },
    victim,
    labels,
  );
  const own = labels.dataSync();
  for (const [index, z] of victim.predict(adversarial).arraySync().entries()) {
    const [first] = z.toSorted((a, b) => b - a);
    assert.ok(first - z[own[index]] >= 0.5 - 1e-4);
  }
});

for (
  const settings of [
    { name: "carlini-wagner", epsilon: 0.1, steps: 5, binarySearchSteps: 2 },
    { name: "hop-skip-jump", epsilon: 0.1 },
  ]
) {
  Deno.test(`${settings.name} returns the clean images where it finds nothing`, async () => {
    const victim = linearClassifier([[0.01, ...Array(pixels - 1).fill(0)], Array(pixels).fill(0)], [
      100,
      0,
    ]);
    const labels = tf.zeros<tf.Rank.R1>([examples], "int32");
    assert.equal(maxDifference(await attack(settings, victim, labels), clean), 0);
  });
}
