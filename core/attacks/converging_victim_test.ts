import assert from "node:assert/strict";
import type { Images } from "../dataset.ts";
import { createRandom, type Random } from "../random.ts";
import { assertClose, assertNoLeak } from "../testing/mod.ts";
import { gradientOf, images, rounding, target, task } from "../testing/toy_victims.ts";
import * as tf from "../tf.ts";
import { convergingVictim } from "./converging_victim.ts";
import { bpdaVictim, exactVictim, expectationVictim } from "./system_victims.ts";

/** Adds noise to the slope: each pixel counts by a factor around 1 of its own, drawn for each pass. */
const noisy = (deviation: number, exact = true) => {
  const draw = (shape: readonly number[], random: Random) => ({
    factors: tf.tensor(
      random.normals(shape.reduce((product, side) => product * side, 1), deviation),
      [...shape],
    ),
  });
  const apply = (images: Images, { factors }: tf.TensorContainerObject) => {
    // The value stays, so that the noise is of the slope alone: x + n (x - x0), x0 = x.
    const away = tf.sub(images, held);
    return tf.add(images, tf.mul(away, factors as tf.Tensor)) as Images;
  };
  const held = images;
  return {
    name: "noisy",
    variables: [],
    restore: (images: Images) => Promise.resolve(tf.clone(images)),
    gradient: { exact, draw, apply },
  };
};

/** Mean cosine of two means of K slopes, each s (1 + n / sqrt K): 1 / (1 + deviation^2 / K). */
const expected = (deviation: number, draws: number) => 1 / (1 + deviation ** 2 / draws);

Deno.test("convergingVictim doubles draws until two means agree, up to a limit", async () => {
  for (const [deviation, draws] of [[0.5, 20], [2, 40], [30, 80]]) {
    const victim = convergingVictim(exactVictim({ task, target, defense: noisy(deviation) }));
    assert.equal(victim.convergence(), undefined);
    await gradientOf(victim);
    const { draws: found, cosine } = victim.convergence()!;
    assert.equal(found, draws);
    assert.ok(Math.abs(cosine! - expected(deviation, draws)) < 0.08, `${deviation}: ${cosine}`);
  }
});

Deno.test("convergingVictim has the gradient of so many draws, measured once", async () => {
  const single = exactVictim({ task, target, defense: noisy(0.5) });
  const victim = convergingVictim(single);
  const mean = expectationVictim(single, 20);
  for (const seed of [1, 2]) {
    assertClose(await gradientOf(victim, seed), await gradientOf(mean, seed), 0);
    assert.equal(victim.convergence()!.draws, 20);
  }
  await assertNoLeak(async () => (await gradientOf(convergingVictim(single))).dispose());
});

Deno.test("convergingVictim only measures a number of draws that is given", async () => {
  const single = exactVictim({ task, target, defense: noisy(30) });
  const victim = convergingVictim(single, 3);
  assertClose(await gradientOf(victim), await gradientOf(expectationVictim(single, 3)), 0);
  const { draws, cosine } = victim.convergence()!;
  assert.ok(draws === 3 && cosine! < 0.3, `${cosine}`);
  assert.throws(() => convergingVictim(single, 0), /draws must be an integer above 0/);
});

Deno.test("convergingVictim says nothing of gradients that are 0", async () => {
  const killer = {
    ...noisy(1),
    gradient: { ...noisy(1).gradient, apply: (images: Images) => tf.zerosLike(images) },
  };
  const victim = convergingVictim(exactVictim({ task, target, defense: killer }));
  (await gradientOf(victim)).dispose();
  assert.deepEqual(victim.convergence(), { draws: 20 });
});

Deno.test("BPDA and EOT together: the mean of pullbacks through stand-ins, each of its own draw", async () => {
  const { gradient } = noisy(0.5, false);
  const defense = { ...rounding, gradient };
  const victim = convergingVictim(bpdaVictim({ task, target, defense }), 5);
  // Each draw multiplies O's gradient at the rounded images by 1 + its factors.
  const outer = await gradientOf(bpdaVictim({ task, target, defense: rounding }));
  const factors = [0, 1, 2, 3, 4].map((draw) =>
    gradient.draw(images.shape, createRandom(1).fork("draw", draw, "defense")).factors
  );
  const mean = tf.add(tf.div(tf.addN(factors), 5), 1);
  assertClose(await gradientOf(victim), tf.mul(outer, mean), 1e-5);
});
