import assert from "node:assert/strict";
import { createRandom, type Random } from "../random.ts";
import { assertClose, assertNoLeak } from "../testing/mod.ts";
import type { ToyOutput } from "../testing/toy_task.ts";
import {
  byHand,
  flickering,
  gradientOf,
  images,
  labels,
  rounding,
  target,
  task,
} from "../testing/toy_victims.ts";
import * as tf from "../tf.ts";
import { createAttack } from "./mod.ts";
import { bpdaVictim, exactVictim } from "./system_victims.ts";

const random = createRandom(1);

Deno.test("bpdaVictim answers as the real defense does, and takes O's gradient at what it restored", async () => {
  const victim = bpdaVictim({ task, target, defense: rounding });
  const restored = await rounding.restore(images);
  using read = victim.forward(
    (output: ToyOutput, _: tf.TensorContainerObject) => output.logits,
    "read",
  );
  assertClose(await read(images, {}, random), target.forward(restored).logits, 1e-5);
  assertClose(await gradientOf(victim), byHand((x) => x, restored), 1e-5);
  await assertNoLeak(async () => (await gradientOf(victim)).dispose());
});

Deno.test("bpdaVictim pulls the gradient back through the stand-in at the images", async () => {
  const defense = {
    ...rounding,
    gradient: { exact: false, apply: (x: tf.Tensor4D) => tf.square(x) as tf.Tensor4D },
  };
  const victim = bpdaVictim({ task, target, defense });
  const outer = byHand((x) => x, await rounding.restore(images));
  assertClose(await gradientOf(victim), tf.mul(outer, tf.mul(images, 2)), 1e-5);
});

Deno.test("bpdaVictim's stand-in has the noise that the images were restored with", async () => {
  const { draw, apply } = flickering.gradient;
  const used: number[][] = [];
  const defense = {
    ...flickering,
    restore: (images: tf.Tensor4D, random: Random) => {
      const noise = draw(images.shape, random);
      used.push([...noise.factors.dataSync()]);
      return Promise.resolve(apply(images, noise));
    },
    gradient: { ...flickering.gradient, exact: false },
  };
  const gradient = await gradientOf(bpdaVictim({ task, target, defense }));
  const factors = tf.tensor4d(used[0], [3, 1, 1, 1]);
  const outer = byHand((x) => x, apply(images, { factors }));
  assertClose(gradient, tf.mul(outer, factors), 1e-5);
});

Deno.test("pgd breaks a defense that only hides its gradient, by BPDA", async () => {
  using alone = createAttack(
    { name: "pgd", epsilon: 0.3, steps: 20 },
    exactVictim({ task, target }),
  );
  using through = createAttack(
    { name: "pgd", epsilon: 0.3, steps: 20 },
    bpdaVictim({ task, target, defense: rounding }),
  );
  const lossBehind = async (adversarial: tf.Tensor4D) => {
    const { logits } = target.forward(await rounding.restore(adversarial));
    return tf.mean(tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 3), logits)).dataSync()[0];
  };
  const before = await lossBehind(images);
  const unaware = await lossBehind(await alone.perturb(images, labels, random));
  const aware = await lossBehind(await through.perturb(images, labels, random));
  assert.ok(aware > before && aware > 0.9 * unaware, `${before}, ${unaware}, ${aware}`);
});
