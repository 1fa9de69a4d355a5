import { createRandom } from "@realign/core";
import { createAttack } from "@realign/core/attacks";
import { assertClose, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { segmentationAttacks } from "./attacks.ts";
import { linearVictim } from "./testing.ts";

await useTestBackend();

const weights = [[2, -1, 0.5], [-1, 2, 1]];
const victim = linearVictim(weights, [0.3, -0.2]);
/** The score of class 1 less that of class 0. */
const lead = (pixel: readonly number[]) =>
  pixel.reduce((sum, value, c) => sum + (weights[1][c] - weights[0][c]) * value, -0.5);
const slope = [0, 1, 2].map((c) => weights[1][c] - weights[0][c]);

/** By the definition, for pixels of class 0 in one image; without clipping at 0 and 1. */
function byHand(
  pixels: readonly number[][],
  norm: "linf" | "l2",
  steps: number,
  radius = Infinity,
) {
  const right = pixels.map((pixel) => lead(pixel) < 0);
  const total = pixels.map(() => [0, 0, 0]);
  for (let step = 0; step < steps; step++) {
    const now = pixels.map((pixel, p) => pixel.map((value, c) => value + 1.02 * total[p][c]));
    const left = now.map((pixel, p) => right[p] && lead(pixel) < 0);
    const count = left.filter(Boolean).length;
    const reach = 1.02 * Math.max(...total.flat().map(Math.abs));
    if (count === 0 || reach >= radius) break;
    const f = now.reduce((sum, pixel, p) => sum + (left[p] ? lead(pixel) / count : 0), 0);
    const w = left.map((is) => slope.map((value) => is ? value / count : 0));
    const flat = w.flat();
    const length = norm === "linf"
      ? flat.reduce((sum, value) => sum + Math.abs(value), 0)
      : Math.hypot(...flat);
    const distance = Math.abs(f) / length + 1e-4;
    w.forEach((row, p) =>
      row.forEach((value, c) =>
        total[p][c] += distance * (norm === "linf" ? Math.sign(value) : value / length)
      )
    );
  }
  return pixels.map((pixel, p) => pixel.map((value, c) => value + 1.02 * total[p][c]));
}

const pixels = [[0.5, 0.4, 0.5], [0.45, 0.4, 0.5], [0.3, 0.7, 0.6], [0.6, 0.5, 0.3]];
const image = tf.tensor4d(pixels.flat(), [1, 2, 2, 3]);
const labels = tf.zeros<tf.Rank.R3>([1, 2, 2], "int32");

for (const norm of ["linf", "l2"] as const) {
  for (const steps of [1, 2, 3, 20]) {
    Deno.test(`denseDeepfool takes ${steps} steps by its definition, ${norm}`, async () => {
      const settings = { name: "deepfool", epsilon: Infinity, norm, steps };
      using attack = createAttack(settings, victim, segmentationAttacks);
      const adversarial = await attack.perturb(image, labels, createRandom(1));
      assertClose(adversarial, byHand(pixels, norm, steps).flat(), 1e-4);
    });
  }
}

Deno.test("denseDeepfool ends once all pixels that were right have crossed", async () => {
  using attack = createAttack({ name: "deepfool", epsilon: Infinity }, victim, segmentationAttacks);
  const adversarial = await attack.perturb(image, labels, createRandom(1));
  const moved = adversarial.arraySync().flat(2);
  moved.forEach((pixel, p) => {
    assert.ok(lead(pixel) > 0);
    if (lead(pixels[p]) > 0) assertClose(pixel, pixels[p], 1e-6);
  });
});

Deno.test("denseDeepfool stops at the ball and is cut to it", async () => {
  for (const epsilon of [0.001, 0.02]) {
    using attack = createAttack({ name: "deepfool", epsilon }, victim, segmentationAttacks);
    const adversarial = await attack.perturb(image, labels, createRandom(1));
    const free = byHand(pixels, "linf", 50, epsilon).flat();
    const start = pixels.flat();
    const cut = free.map((value, i) =>
      Math.min(start[i] + epsilon, Math.max(start[i] - epsilon, value))
    );
    assertClose(adversarial, cut, 1e-4);
  }
});

Deno.test("denseDeepfool attacks each example by itself, and leaves ignored ones alone", async () => {
  const random = tf.tensor4d(createRandom(3).uniforms(3 * 12, 0.2, 0.8), [3, 2, 2, 3]);
  const truth = tf.tensor3d([0, 0, 1, 1, -1, -1, -1, -1, 1, 0, 1, 0], [3, 2, 2], "int32");
  using attack = createAttack({ name: "deepfool", epsilon: 0.2 }, victim, segmentationAttacks);
  const together = await attack.perturb(random, truth, createRandom(1));
  for (const row of [0, 1, 2]) {
    const one = (value: tf.Tensor) =>
      tf.slice(value, [row, 0, 0, 0].slice(0, value.rank), [1, ...value.shape.slice(1)]);
    const alone = await attack.perturb(
      one(random) as tf.Tensor4D,
      one(truth) as tf.Tensor3D,
      createRandom(1),
    );
    assertClose(one(together), alone, 1e-5);
  }
  const second = tf.slice(together, [1, 0, 0, 0], [1, 2, 2, 3]);
  assertClose(second, tf.slice(random, [1, 0, 0, 0], [1, 2, 2, 3]));
});
