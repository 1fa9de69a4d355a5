import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertClose, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { toHyperplane } from "./hyperplane.ts";

await useTestBackend();

const size = 400;
const shape: [number, number, number, number] = [1, 20, 20, 1];

/** The same by bisection of lambda in double precision, or the corner where the plane is out of reach. */
function bisected(x: number[], w: number[], gap: number, norm: "linf" | "l2"): number[] {
  const move = (lambda: number) =>
    x.map((value, index) => {
      const way = Math.sign(w[index]) * Math.sign(gap);
      const room = way > 0 ? 1 - value : value;
      return way * Math.min(norm === "l2" ? lambda * Math.abs(w[index]) : lambda, room);
    });
  const gained = (d: number[]) =>
    Math.abs(d.reduce((sum, value, index) => sum + value * w[index], 0));
  let [low, high] = [0, 1e9];
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (gained(move(middle)) < Math.abs(gap)) low = middle;
    else high = middle;
  }
  return move(high);
}

function drawn(seed: number, spread: number) {
  const random = createRandom(seed, "plane");
  const x = [...random.uniforms(size, -0.2, 1.2)].map((value) => Math.min(1, Math.max(0, value)));
  // Weights over many orders of magnitude are the worst case of Newton's method.
  const w = [...random.normals(size, 1)].map((value) => value * 10 ** (spread * random.normal()));
  const reachable = x.reduce(
    (sum, value, index) => sum + Math.max(w[index] * (1 - value), -w[index] * value),
    0,
  );
  return { x, w, reachable };
}

for (const norm of ["linf", "l2"] as const) {
  for (const spread of [0, 1, 2]) {
    Deno.test(`toHyperplane (${norm}) is what bisection finds, weights spread over e${spread}`, () => {
      for (const [seed, share] of [0.001, 0.1, 0.5, 0.9, 0.999, 2].entries()) {
        const { x, w, reachable } = drawn(seed, spread);
        const gap = share * reachable;
        const d = toHyperplane(
          tf.tensor4d(x, shape),
          tf.tensor4d(w, shape),
          tf.tensor1d([gap]),
          norm,
        );
        const values = [...d.dataSync()];
        const expected = bisected(x, w, gap, norm);
        const gained = (change: number[]) =>
          change.reduce((sum, value, index) => sum + value * w[index], 0);
        assert.ok(Math.abs(gained(values) / gained(expected) - 1) < 1e-4, `share ${share}`);
        const longest = Math.max(...expected.map(Math.abs));
        // At the corner lambda is not unique.
        if (share < 0.99) assertClose(d, expected, 2e-3 * longest);
        assert.ok(
          values.every((value, index) => x[index] + value >= -1e-6 && x[index] + value <= 1 + 1e-6),
        );
      }
    });
  }

  Deno.test(`toHyperplane (${norm}) goes back where the gap is negative, and nowhere without weights`, () => {
    const { x, w, reachable } = drawn(7, 0);
    const images = tf.tensor4d(x, shape);
    const back = toHyperplane(images, tf.tensor4d(w, shape), tf.tensor1d([-0.1 * reachable]), norm);
    assertClose(back, bisected(x, w, -0.1 * reachable, norm), 1e-4);
    const none = toHyperplane(images, tf.zeros(shape), tf.tensor1d([1]), norm);
    assertClose(none, Array(size).fill(0));
    const there = toHyperplane(images, tf.tensor4d(w, shape), tf.tensor1d([0]), norm);
    assertClose(there, Array(size).fill(0));
  });
}

Deno.test("toHyperplane is what the paper's closed form gives where the box does not matter", () => {
  const images = tf.fill<tf.Rank.R4>([1, 1, 1, 3], 0.5);
  const normal = tf.tensor4d([3, -1, 2], [1, 1, 1, 3]);
  const gap = tf.tensor1d([0.6]);
  assertClose(toHyperplane(images, normal, gap, "linf"), [0.1, -0.1, 0.1]);
  assertClose(toHyperplane(images, normal, gap, "l2"), [3, -1, 2].map((w) => w * 0.6 / 14));
});

Deno.test("toHyperplane bears gradients near the smallest numbers", () => {
  const images = tf.fill<tf.Rank.R4>([1, 1, 1, 3], 0.5);
  const normal = tf.tensor4d([3e-12, -1e-12, 2e-12], [1, 1, 1, 3]);
  assertClose(toHyperplane(images, normal, tf.tensor1d([0.6e-12]), "linf"), [0.1, -0.1, 0.1]);
});
